#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/http1/fields.h"

namespace fairlead::http1 {

// What the fields of a head say about the message itself, gathered in one pass. Part of the two readers.
struct HeadSummary {
  size_t hosts = 0;
  std::string_view host;  // of the last
  size_t content_lengths = 0;
  std::string_view content_length;  // of the last
  bool has_transfer_encoding = false;
  bool expects_continue = false;
  bool expects_other = false;
  // The options of Connection.
  size_t options = 0;
  bool close = false;
  bool keep_alive = false;
  bool names_upgrade = false;
  size_t upgrades = 0;
  std::string_view upgrade;  // of the last

  // Whether the connection may go on after the message (RFC 9112 §9.3).
  bool Persists(int minor_version) const { return !close && (minor_version >= 1 || keep_alive); }
};

// Connection may name at most this many options: each costs a look at every field.
inline constexpr size_t kMaxConnectionOptions = 32;

HeadSummary Summarize(const Fields& fields);

// Judges the Transfer-Encoding lines: kNone for exactly `chunked`, kUnsupportedTransferEncoding where another
// coding is asked for, kBadTransferEncoding where `chunked` is not the last, or not once (RFC 9112 §6.1,
// §6.3).
Error CheckTransferEncoding(const Fields& fields);

// All Upgrade lines as one list, a view of the only line or of a string kept in *fields.
std::string_view JoinUpgrade(const HeadSummary& summary, Fields* fields);

}  // namespace fairlead::http1
