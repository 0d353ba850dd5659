#pragma once

#include <string>

namespace fairlead::tls {

// What OpenSSL says went wrong last on this thread, in its words; empties its queue. "" when it said nothing.
std::string TakeOpenSslError();

// Ends the process unless OpenSSL has answered 1. For what fails only by our own fault, where there is no
// memory, or where it was built without an algorithm that TLS cannot do without.
void Require(int done);

}  // namespace fairlead::tls
