#include "pkg/route/query.h"

#include <algorithm>

namespace fairlead::route {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes one decoded byte off the front of `encoded`, which is not empty.
char TakeByte(std::string_view* encoded) {
  const char first = encoded->front();
  if (first == '%' && encoded->size() >= 3) {
    const int high = HexValue((*encoded)[1]), low = HexValue((*encoded)[2]);
    if (high >= 0 && low >= 0) {
      encoded->remove_prefix(3);
      return static_cast<char>(high * 16 + low);
    }
  }
  encoded->remove_prefix(1);
  return first == '+' ? ' ' : first;
}

}  // namespace

std::optional<std::string_view> FindParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), parameter.size() + 1));
    const size_t equals = parameter.find('=');
    if (parameter.empty() || !DecodesTo(parameter.substr(0, equals), name)) continue;
    return equals == std::string_view::npos ? std::string_view() : parameter.substr(equals + 1);
  }
  return std::nullopt;
}

bool DecodesTo(std::string_view encoded, std::string_view plain) {
  while (!encoded.empty() && !plain.empty()) {
    if (TakeByte(&encoded) != plain.front()) return false;
    plain.remove_prefix(1);
  }
  return encoded.empty() && plain.empty();
}

}  // namespace fairlead::route
