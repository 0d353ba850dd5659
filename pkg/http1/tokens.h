#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::http1 {

// Whether the text is a token (RFC 9110 §5.6.2): what a method and a field name consist of.
bool IsToken(std::string_view text);

// The elements of a comma-separated list (RFC 9110 §5.6.1), without the whitespace around them; empty
// elements are passed over. Not for lists whose elements may hold quoted commas.
//
//   for (std::string_view token : Tokens("keep-alive, , Upgrade")) …  // "keep-alive", "Upgrade"
class Tokens {
 public:
  class Iterator {
   public:
    explicit Iterator(std::string_view rest) : rest_(rest) { Advance(); }
    std::string_view operator*() const { return token_; }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    // Only ever compared with the end.
    bool operator!=(const Iterator& other) const { return token_.data() != other.token_.data(); }

   private:
    void Advance();

    std::string_view token_;
    std::string_view rest_;
  };

  explicit Tokens(std::string_view list) : list_(list) {}
  Iterator begin() const { return Iterator(list_); }
  Iterator end() const { return Iterator(std::string_view()); }

 private:
  std::string_view list_;
};

}  // namespace fairlead::http1
