#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::route {

// What a header value's %variables% stand for; views for the length of a call.
struct Variables {
  std::string_view client_ip = {};
  std::string_view host = {};
  std::string_view request_id = {};
  std::string_view listener = {};
  std::string_view route = {};
  std::string_view cluster = {};
  // Of the client's TLS connection; all empty where it has none.
  std::string_view tls_version = {};
  std::string_view tls_cipher = {};
  std::string_view tls_server_name = {};
  // Of its certificate.
  std::string_view client_subject = {};
  std::string_view client_dns_name = {};
  std::string_view client_spiffe_id = {};
};

// A header value with variables in it: the names above between percent signs, such as %client_ip%. "%%" is a
// percent sign; a percent sign that starts neither is itself.
class ValueTemplate {
 public:
  explicit ValueTemplate(std::string_view text);

  std::string Render(const Variables& variables) const;

 private:
  // A stretch of text and the variable behind it; only the last piece may have none.
  struct Piece {
    std::string text;
    std::string_view Variables::*variable = nullptr;
  };

  std::vector<Piece> pieces_;
};

}  // namespace fairlead::route
