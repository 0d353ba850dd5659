#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::tls {

// Cuts what arrives into TLS records. Only a record that has not arrived whole is stored.
class RecordFramer {
 public:
  enum class Result {
    kRecord,    // *record is the next one, header included; valid until the next call and while *in is
    kMore,      // all of *in is taken, and no record is complete
    kOversize,  // the next header announces more than `max_payload`
    kForeign,   // what comes next is no TLS record: unknown type or version
  };

  // Takes from *in. After kOversize and kForeign, *in and what rest() holds are as they arrived.
  Result Next(std::string_view* in, size_t max_payload, std::string_view* record);

  // Keeps bytes for later, behind those that are kept already.
  void Hold(std::string_view in) { partial_.append(in); }
  // What is kept.
  std::string_view rest() const { return std::string_view(partial_).substr(spent_); }

 private:
  void DropSpent();

  std::string partial_;
  size_t spent_ = 0;  // of its front, handed out by the last call
};

}  // namespace fairlead::tls
