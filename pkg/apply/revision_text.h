#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pkg/apply/state.h"

namespace fairlead::apply {

// A kept revision as the content of a file, and back. The first two lines are the version of this shape and
// the SHA-256 of everything behind them; then come lines of "key value", an empty line, and the
// configuration's bytes.
std::string EncodeRevision(const KeptRevision& revision);
// Nothing when a bit of it is another than was written, or a newer program wrote it; *problem says which.
std::optional<KeptRevision> DecodeRevision(std::string_view text, std::string* problem);

}  // namespace fairlead::apply
