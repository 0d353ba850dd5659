#pragma once

#include <string>

namespace fairlead::tls {

// What OpenSSL says went wrong last on this thread, in its words; empties its queue. "" when it said nothing.
std::string TakeOpenSslError();

}  // namespace fairlead::tls
