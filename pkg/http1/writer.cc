#include "pkg/http1/writer.h"

#include <string>

#include "pkg/http1/status.h"

namespace fairlead::http1 {

namespace {

constexpr size_t kStartLineExtra = 32;  // more than versions, spaces and line ends take

size_t SizeOf(const Fields& fields) {
  size_t size = 0;
  for (const Field& line : fields) size += line.name.size() + line.value.size() + 4;
  return size;
}

void AppendFields(const Fields& fields, std::string* out) {
  for (const Field& line : fields) {
    out->append(line.name).append(": ", 2).append(line.value).append("\r\n", 2);
  }
  out->append("\r\n", 2);
}

}  // namespace

void AppendRequestHead(std::string_view method, std::string_view target, const Fields& fields,
                       std::string* out) {
  out->reserve(out->size() + method.size() + target.size() + kStartLineExtra + SizeOf(fields));
  out->append(method).append(" ", 1).append(target).append(" HTTP/1.1\r\n", 11);
  AppendFields(fields, out);
}

void AppendResponseHead(int status, std::string_view reason, const Fields& fields, std::string* out) {
  if (reason.empty()) reason = ReasonPhrase(status);
  out->reserve(out->size() + reason.size() + kStartLineExtra + SizeOf(fields));
  out->append("HTTP/1.1 ").append(std::to_string(status)).append(" ", 1).append(reason).append("\r\n", 2);
  AppendFields(fields, out);
}

}  // namespace fairlead::http1
