#include "pkg/http1/error.h"

namespace fairlead::http1 {

int StatusOf(Error error) {
  switch (error) {
    case Error::kTargetTooLong:
      return 414;
    case Error::kExpectationFailed:
      return 417;
    case Error::kHeadTooLarge:
    case Error::kTooManyFields:
      return 431;
    case Error::kUnsupportedMethod:
    case Error::kUnsupportedTransferEncoding:
      return 501;
    case Error::kUnsupportedVersion:
      return 505;
    case Error::kNone:
    case Error::kBadStartLine:
    case Error::kBadTarget:
    case Error::kBadHost:
    case Error::kBadField:
    case Error::kBadContentLength:
    case Error::kBadTransferEncoding:
    case Error::kBadChunk:
    case Error::kBadUpgrade:
    case Error::kTruncated:
      break;
  }
  return 400;
}

std::string_view ToString(Error error) {
  switch (error) {
    case Error::kNone:
      return "none";
    case Error::kBadStartLine:
      return "bad_start_line";
    case Error::kBadTarget:
      return "bad_target";
    case Error::kBadHost:
      return "bad_host";
    case Error::kBadField:
      return "bad_field";
    case Error::kBadContentLength:
      return "bad_content_length";
    case Error::kBadTransferEncoding:
      return "bad_transfer_encoding";
    case Error::kBadChunk:
      return "bad_chunk";
    case Error::kBadUpgrade:
      return "bad_upgrade";
    case Error::kTargetTooLong:
      return "target_too_long";
    case Error::kExpectationFailed:
      return "expectation_failed";
    case Error::kHeadTooLarge:
      return "head_too_large";
    case Error::kTooManyFields:
      return "too_many_fields";
    case Error::kUnsupportedMethod:
      return "unsupported_method";
    case Error::kUnsupportedTransferEncoding:
      return "unsupported_transfer_encoding";
    case Error::kUnsupportedVersion:
      return "unsupported_version";
    case Error::kTruncated:
      return "truncated";
  }
  return "unknown";
}

}  // namespace fairlead::http1
