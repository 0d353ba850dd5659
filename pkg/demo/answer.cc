#include "pkg/demo/answer.h"

#include <algorithm>
#include <array>

#include "pkg/demo/page.h"
#include "pkg/http1/ascii.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/tokens.h"
#include "pkg/http1/writer.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::demo {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kWebSocketPath = "/ws";

// Everything but the page is an error, and short.
struct Content {
  int status = 200;
  std::string_view type = kPlain;
  std::string_view body;
};

bool AsksForWebSocket(const http1::RequestHead& request) {
  for (const std::string_view token : http1::Tokens(request.upgrade)) {
    if (http1::EqualsIgnoreCase(token, "websocket")) return true;
  }
  return false;
}

Content ContentFor(const http1::RequestHead& request) {
  if (request.path == kWebSocketPath) return {426, kPlain, "This path speaks WebSocket, version 13.\n"};
  if (request.path != "/")
    return {404, kPlain, "Nothing here. The page is on /, the WebSocket echo on /ws.\n"};
  if (request.method != "GET" && request.method != "HEAD") return {405, kPlain, "GET or HEAD.\n"};
  return {200, kHtml, Page()};
}

// The fields that a status asks for (RFC 9110 §15.5.6, §15.5.22; RFC 6455 §4.2.2 step 4).
void AddFieldsOf(int status, http1::Fields* fields) {
  if (status == 405) fields->Add("Allow", "GET, HEAD");
  if (status != 426) return;
  fields->Add("Upgrade", "websocket");
  fields->Add("Sec-WebSocket-Version", websocket::kVersion);
}

std::string Write(const Content& content, std::string_view connection, std::string_view backend,
                  bool with_body) {
  http1::Fields fields;
  fields.Add("Content-Type", content.type);
  fields.Add("Content-Length", fields.Keep(std::to_string(content.body.size())));
  fields.Add("Cache-Control", "no-store");
  fields.Add("X-Backend", backend);
  AddFieldsOf(content.status, &fields);
  if (!connection.empty()) http1::AddConnection(connection, &fields);
  std::string bytes;
  http1::AppendResponseHead(content.status, {}, fields, &bytes);
  if (with_body) bytes.append(content.body);
  return bytes;
}

// `Connection` of an answer: RFC 9112 §9.3 for the first two, RFC 9110 §7.8 for a 426.
std::string_view ConnectionFor(const http1::RequestHead& request, int status) {
  if (!request.keep_alive) return "close";
  if (status == 426) return "upgrade";
  return request.minor_version == 0 ? "keep-alive" : "";
}

Answer AnswerPlain(const http1::RequestHead& request, const Content& content, std::string_view backend) {
  return {.bytes = Write(content, ConnectionFor(request, content.status), backend, request.method != "HEAD"),
          .then = request.keep_alive ? Answer::Then::kNextRequest : Answer::Then::kClose};
}

Answer AnswerUpgrade(const http1::RequestHead& request, std::string_view backend) {
  const websocket::RequestCheck check = websocket::CheckRequest(request.method, request.fields);
  if (check != websocket::RequestCheck::kOk) {
    return AnswerPlain(request, {websocket::StatusOf(check), kPlain, "Not a WebSocket handshake.\n"},
                       backend);
  }
  const std::array<char, 28> accept = websocket::ComputeAccept(*request.fields.Get("Sec-WebSocket-Key"));
  http1::Fields fields;
  fields.Add("Upgrade", "websocket");
  fields.Add("Connection", "Upgrade");
  fields.Add("Sec-WebSocket-Accept", {accept.data(), accept.size()});
  fields.Add("X-Backend", backend);
  Answer answer{.bytes = {}, .then = Answer::Then::kWebSocket};
  http1::AppendResponseHead(101, {}, fields, &answer.bytes);
  return answer;
}

}  // namespace

Answer AnswerRequest(const http1::RequestHead& request, std::string_view backend) {
  if (request.path == kWebSocketPath && AsksForWebSocket(request)) return AnswerUpgrade(request, backend);
  return AnswerPlain(request, ContentFor(request), backend);
}

Answer AnswerError(http1::Error error, std::string_view backend) {
  const Content content{http1::StatusOf(error), kPlain, "This request was not understood.\n"};
  return {.bytes = Write(content, "close", backend, /*with_body=*/true), .then = Answer::Then::kClose};
}

}  // namespace fairlead::demo
