#pragma once

#include "pkg/base/address.h"

namespace fairlead::loop {

// Whether the host has this address now, so that a socket may be bound to it. True where the kernel gives no
// clear answer.
bool IsLocalAddress(const base::IpAddress& address);

}  // namespace fairlead::loop
