#pragma once

#include <string>
#include <string_view>

namespace fairlead::testing {

// An HTTP/1.1 message as the strictest of readers takes it: what the proxy writes must be of this kind, with
// nothing of the code under test to read it. Where the chunks of a body begin and end is forgotten, since an
// intermediary may change it (RFC 9112 §7.1).
struct StrictMessage {
  std::string head;  // with its empty line
  std::string body;  // without the framing
  std::string trailers;
  bool complete = false;
  std::string error;  // why it is no message; empty = it is one, or the beginning of one
};

// Takes one message from the front of *text. `bodiless`: it has no body whatever its head says.
StrictMessage TakeMessage(std::string_view* text, bool bodiless);

// Whether that request or response has no body whatever its head says: interim answers, 204, 304.
bool IsBodiless(std::string_view head);

// The value of the only line of that name (in this spelling); empty where there is none.
std::string_view FieldOf(std::string_view head, std::string_view name);

}  // namespace fairlead::testing
