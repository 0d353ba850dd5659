#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fairlead::interop {

// Who a peer is and what it believes.
struct Identity {
  bool server = false;
  std::string cert_file = {};  // of a server, in PEM
  std::string key_file = {};
  std::string ca_file = {};  // who must have signed the other side's, of a client
  std::string name = {};     // whom a client expects
  std::string suite = {};    // as TLS 1.3 calls it; empty = the stack's own choice
};

// One end of a TLS 1.3 connection, in some stack, over a socket that the caller owns. Blocking while the
// socket is, afterwards each call says what it waits for and is to be made again then.
class Session {
 public:
  enum class Result { kDone, kWantsRead, kWantsWrite, kEnded, kFailed };

  virtual ~Session() = default;
  virtual Result Shake() = 0;
  // kDone with a size of 1 and more; kEnded behind a close_notify.
  virtual Result Read(char* into, size_t room, size_t* size) = 0;
  // Takes the beginning of `bytes`, at least a byte. One that waits is made again with the same bytes.
  virtual Result Write(std::string_view bytes, size_t* taken) = 0;
  // Exchanges the key that we send under, ahead of the next Write; `ask`: and has the other side do the same.
  // Not while a Write waits.
  virtual Result UpdateKeys(bool ask) = 0;
  // Sends close_notify.
  virtual Result End() = 0;

  // How often the other side has exchanged its key.
  virtual uint64_t updates_seen() const = 0;
  virtual std::string error() const = 0;
};

std::unique_ptr<Session> NewOpenSslSession(const Identity& identity, int fd);
std::unique_ptr<Session> NewGnuTlsSession(const Identity& identity, int fd);

}  // namespace fairlead::interop
