#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace fairlead::config {

// A text that nobody may see, such as a private key. It is known by its SHA-256, which is what is compared
// and shown; the text itself is missing where only the hash was given. Wiped with its last copy.
class Secret {
 public:
  static constexpr size_t kHashDigits = 64;

  // None.
  Secret() = default;
  explicit Secret(std::string_view text);
  // The one of that hash (hexadecimal, lower case), wherever its text is.
  static Secret OfHash(std::string_view sha256);

  bool empty() const { return sha256_.empty(); }
  const std::string& sha256() const { return sha256_; }
  // Null where it is not known.
  const std::shared_ptr<const std::string>& text() const { return text_; }

  friend bool operator==(const Secret& a, const Secret& b) { return a.sha256_ == b.sha256_; }
  friend auto operator<=>(const Secret& a, const Secret& b) { return a.sha256_ <=> b.sha256_; }

 private:
  std::string sha256_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace fairlead::config
