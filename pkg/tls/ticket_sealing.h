#pragma once

#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/ticket_keys.h"

namespace fairlead::tls {

// Prepares OpenSSL to seal (`sealing`) or open a ticket with one of `keys`; the answer is the one that
// SSL_CTX_set_tlsext_ticket_key_evp_cb wants of its callback.
int PrepareTicket(TicketKeys& keys, SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, bool sealing);

}  // namespace fairlead::tls
