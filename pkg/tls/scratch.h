#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace fairlead::tls {

// A byte buffer that is filled and emptied over and over: it keeps its memory, and what Extend adds is not
// initialised.
class Scratch {
 public:
  // `bytes` more at the end. Views taken before may be void.
  uint8_t* Extend(size_t bytes) {
    if (size_ + bytes > capacity_) Grow(size_ + bytes);
    size_ += bytes;
    return data_.get() + size_ - bytes;
  }
  void Append(std::string_view bytes) { std::copy(bytes.begin(), bytes.end(), Extend(bytes.size())); }
  // Takes the last bytes off again.
  void Shrink(size_t bytes) { size_ -= bytes; }
  void Clear() { size_ = 0; }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_.get()), size_}; }

 private:
  void Grow(size_t needed) {
    const size_t capacity = std::max(needed, 2 * capacity_);
    std::unique_ptr<uint8_t[]> larger(new uint8_t[capacity]);
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace fairlead::tls
