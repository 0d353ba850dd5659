#include "pkg/config/file_path.h"

#include "pkg/config/quote.h"

namespace fairlead::config {
namespace {

constexpr size_t kMaxPathBytes = 4095;  // PATH_MAX, without the zero

}  // namespace

std::string ReadFilePath(const std::string& text, bool required, const Path& path, Report& report) {
  if (text.empty()) {
    if (required) report.Add(path, "is missing", "give an absolute path");
  } else if (text.front() != '/' || text.size() > kMaxPathBytes || text.find('\0') != std::string::npos) {
    report.Add(path, Quote(text) + " is no absolute path",
               "write one that begins with / of at most 4095 bytes");
  }
  return text;
}

}  // namespace fairlead::config
