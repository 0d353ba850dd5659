// Any text is a configuration or has violations; what is one stays the same through its JSON form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "pkg/config/load.h"
#include "pkg/config/to_json.h"

namespace {

using fairlead::config::Loaded;
using fairlead::config::Violation;

void Require(bool holds, std::string_view what, const Loaded& loaded) {
  if (holds) return;
  std::cerr << what << "\n";
  for (const Violation& violation : loaded.violations) std::cerr << violation.ToString() << "\n";
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Loaded loaded = fairlead::config::LoadYaml(text);
  Require(loaded.file.has_value() == loaded.violations.empty(), "neither or both", loaded);
  if (!loaded.file) return 0;
  const Loaded again = fairlead::config::LoadYaml(fairlead::config::ToJson(*loaded.file));
  Require(again.file == loaded.file, "the JSON form says something else", again);
  return 0;
}
