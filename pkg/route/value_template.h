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
};

// A header value with %client_ip%, %host%, %request_id%, %listener%, %route% and %cluster% in it. "%%" is a
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
