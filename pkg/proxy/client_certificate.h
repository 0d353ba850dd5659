#pragma once

#include <string>
#include <string_view>

#include "pkg/proxy/connection_info.h"
#include "pkg/route/value_template.h"
#include "pkg/tls/peer_identity.h"

namespace fairlead::proxy {

// What header rules may say of the client's TLS. What could not stand in a header is left out.
route::Variables TlsVariables(const ConnectionInfo& connection);

// An element of X-Forwarded-Client-Cert: `Hash=…;Subject="…";URI=…;DNS=…`, those that there are.
std::string ForwardedCertificate(const tls::PeerIdentity& certificate);

// What the access log calls its holder: the SPIFFE id, else another URI, a DNS name, the subject.
std::string_view NameOf(const tls::PeerIdentity& certificate);

}  // namespace fairlead::proxy
