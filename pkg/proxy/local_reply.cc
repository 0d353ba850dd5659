#include "pkg/proxy/local_reply.h"

#include <fmt/format.h>

#include "pkg/http1/fields.h"
#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/writer.h"

namespace fairlead::proxy {
namespace {

using http1::Error;
using telemetry::RejectReason;

std::string_view Explain(Error error) {
  switch (error) {
    case Error::kBadHost:
      return "A request needs exactly one valid Host.";
    case Error::kBadTarget:
      return "The request target is not one that can be understood in one way only.";
    case Error::kBadContentLength:
    case Error::kBadTransferEncoding:
    case Error::kBadChunk:
      return "The length of the request body is not told in one clear way.";
    case Error::kBadUpgrade:
      return "An upgrade must name its protocol and have no body.";
    case Error::kTargetTooLong:
      return "The request target is too long.";
    case Error::kExpectationFailed:
      return "The only expectation that can be met is 100-continue.";
    case Error::kHeadTooLarge:
    case Error::kTooManyFields:
      return "The request head is too large.";
    case Error::kUnsupportedMethod:
      return "This method is not supported.";
    case Error::kUnsupportedTransferEncoding:
      return "The only transfer coding supported is chunked.";
    case Error::kUnsupportedVersion:
      return "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
    default:
      return "The request is malformed.";
  }
}

RejectReason ReasonOf(int status) {
  switch (status) {
    case 400:
      return RejectReason::kBadRequest;
    case 414:
    case 431:
      return RejectReason::kTooLarge;
    default:
      return RejectReason::kUnsupported;
  }
}

}  // namespace

LocalReply ReplyTo(Error error) {
  const int status = http1::StatusOf(error);
  return {.status = status, .reason = ReasonOf(status), .text = Explain(error)};
}

LocalReply ReplyTo(websocket::RequestCheck check) {
  const int status = websocket::StatusOf(check);
  switch (check) {
    case websocket::RequestCheck::kBadMethod:
      return {status, RejectReason::kBadRequest, "A WebSocket handshake is a GET."};
    case websocket::RequestCheck::kBadVersion:
      return {status, RejectReason::kUnsupported, "The only WebSocket version spoken is 13."};
    case websocket::RequestCheck::kBadConnection:
      return {status, RejectReason::kBadRequest,
              "Connection must not name the fields of the WebSocket handshake."};
    default:
      return {status, RejectReason::kBadRequest,
              "A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes in base64."};
  }
}

LocalReply ReplyTo(upstream::DialFailure failure) {
  switch (failure) {
    case upstream::DialFailure::kNoEndpoint:
      return {503, RejectReason::kNoEndpoint, "No backend is available."};
    case upstream::DialFailure::kFull:
      return {503, RejectReason::kClusterFull, "All backends have as much to do as they may."};
    case upstream::DialFailure::kExhausted:
      return {503, RejectReason::kExhausted, "This proxy has as much open as it may; try again later."};
    case upstream::DialFailure::kConnectTimeout:
      return {504, RejectReason::kConnectTimeout, "No backend accepted the connection in time."};
    case upstream::DialFailure::kTlsFailed:
      return {502, RejectReason::kBackendTls, "No TLS could be agreed on with a backend."};
    case upstream::DialFailure::kUnverified:
      return {502, RejectReason::kBackendUnverified, "No backend could prove who it is."};
    default:
      return {502, RejectReason::kConnectFailed, "No backend could be connected to."};
  }
}

LocalReply ReplyTo(RejectReason backend_failure) {
  switch (backend_failure) {
    case RejectReason::kBadUpgrade:
      return {502, backend_failure, "The backend answered the upgrade with an invalid 101."};
    case RejectReason::kBadResponse:
      return {502, backend_failure, "The backend's answer is not valid HTTP."};
    default:
      return {502, backend_failure, "The backend closed the connection before it answered."};
  }
}

std::string Render(const LocalReply& reply, std::string_view request_id, bool head_only, bool close,
                   int retry_after) {
  http1::Fields fields;
  fields.Add("Content-Type", "text/plain; charset=utf-8");
  fields.Add("Content-Length", fields.Keep(std::to_string(reply.text.size() + 1)));
  if (!request_id.empty()) fields.Add("X-Request-Id", request_id);
  if (reply.status == 426) {
    fields.Add("Upgrade", "websocket");
    fields.Add("Sec-WebSocket-Version", websocket::kVersion);
  }
  if (retry_after > 0) fields.Add("Retry-After", fields.Keep(std::to_string(retry_after)));
  if (reply.status == 426) {
    fields.Add("Connection", close ? "upgrade, close" : "upgrade");
  } else if (close) {
    fields.Add("Connection", "close");
  }
  std::string out;
  http1::AppendResponseHead(reply.status, "", fields, &out);
  if (!head_only) out.append(reply.text).append("\n");
  return out;
}

std::string RenderRedirect(int status, std::string_view location, std::string_view request_id, bool close) {
  http1::Fields fields;
  fields.Add("Location", location);
  fields.Add("Content-Length", "0");
  fields.Add("X-Request-Id", request_id);
  if (close) fields.Add("Connection", "close");
  std::string out;
  http1::AppendResponseHead(status, "", fields, &out);
  return out;
}

}  // namespace fairlead::proxy
