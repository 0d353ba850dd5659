#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::sticky {

// Base64 with the alphabet for URLs and names, unpadded (RFC 4648 §5).
std::string ToBase64Url(std::string_view bytes);
// Nothing where the text is not what ToBase64Url makes.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace fairlead::sticky
