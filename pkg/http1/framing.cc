#include "pkg/http1/framing.h"

#include <string>

namespace fairlead::http1 {

BodyFraming FramingForClient(const BodyFraming& received, int minor_version) {
  if (received.framing == Framing::kNone || received.framing == Framing::kContentLength) return received;
  return {minor_version == 0 ? Framing::kUntilClose : Framing::kChunked, std::nullopt};
}

void AddFraming(const BodyFraming& body, Fields* fields) {
  if (body.framing == Framing::kChunked) {
    fields->Add("Transfer-Encoding", "chunked");
  } else if (body.length.has_value()) {
    fields->Add("Content-Length", fields->Keep(std::to_string(*body.length)));
  }
}

}  // namespace fairlead::http1
