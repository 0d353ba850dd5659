#include "pkg/route/value_template.h"

#include <array>
#include <utility>

namespace fairlead::route {
namespace {

struct NamedVariable {
  std::string_view reference;
  std::string_view Variables::*variable;
};

constexpr std::array kVariables = {NamedVariable{"%client_ip%", &Variables::client_ip},
                                   NamedVariable{"%host%", &Variables::host},
                                   NamedVariable{"%request_id%", &Variables::request_id},
                                   NamedVariable{"%listener%", &Variables::listener},
                                   NamedVariable{"%route%", &Variables::route},
                                   NamedVariable{"%cluster%", &Variables::cluster},
                                   NamedVariable{"%tls_version%", &Variables::tls_version},
                                   NamedVariable{"%tls_cipher%", &Variables::tls_cipher},
                                   NamedVariable{"%tls_server_name%", &Variables::tls_server_name},
                                   NamedVariable{"%client_subject%", &Variables::client_subject},
                                   NamedVariable{"%client_dns_name%", &Variables::client_dns_name},
                                   NamedVariable{"%client_spiffe_id%", &Variables::client_spiffe_id}};

const NamedVariable* FindVariable(std::string_view text) {
  for (const NamedVariable& variable : kVariables) {
    if (text.starts_with(variable.reference)) return &variable;
  }
  return nullptr;
}

}  // namespace

ValueTemplate::ValueTemplate(std::string_view text) {
  Piece piece;
  while (!text.empty()) {
    if (const NamedVariable* found = FindVariable(text)) {
      piece.variable = found->variable;
      pieces_.push_back(std::exchange(piece, Piece()));
      text.remove_prefix(found->reference.size());
      continue;
    }
    piece.text.push_back(text.front());
    text.remove_prefix(text.starts_with("%%") ? 2 : 1);
  }
  if (!piece.text.empty()) pieces_.push_back(std::move(piece));
}

std::string ValueTemplate::Render(const Variables& variables) const {
  std::string value;
  for (const Piece& piece : pieces_) {
    value.append(piece.text);
    if (piece.variable != nullptr) value.append(variables.*piece.variable);
  }
  return value;
}

}  // namespace fairlead::route
