#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/admission/gate.h"
#include "pkg/apply/publication.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/config/violation.h"

namespace fairlead::apply {

// The sockets that are listened on. They belong to their address, and where the kernel chooses the port to
// the listener's name as well, and survive every other change. Apply thread.
class Listeners {
 public:
  // Every address is bound for so many workers; the clock, which is theirs, and `process` outlive this.
  // `seed`: random.
  Listeners(const base::Clock& clock, size_t workers, admission::Process* process, uint64_t seed)
      : clock_(clock), workers_(workers), process_(process), seed_(seed) {}

  // Binds what the configuration needs and is not bound. Either all of it, or what is wrong and nothing.
  std::vector<config::Violation> Prepare(const config::Config& config);

  // The configuration is in force: what it does not need is let go, and limits are set. All of it was
  // prepared.
  void Keep(const config::Config& config);
  // Lets go what was prepared since the last Keep.
  void Abandon();

  // In the order of the configuration's listeners, as of the last Keep.
  std::vector<Listening> listening() const;

 private:
  // What tells sockets apart.
  struct Place {
    base::SocketAddress address;
    std::string name;  // of the listener, where the port is 0; else empty
    bool operator==(const Place&) const = default;
  };
  using Bound = std::vector<std::pair<Place, Listening>>;

  // What is in no configuration any more, but may be with workers that have yet to hear of it: its address
  // cannot be bound again, and must not have to be.
  struct Released {
    Place place;
    std::weak_ptr<const loop::ListenSockets> sockets;
    std::weak_ptr<const void> held;  // the address
    std::weak_ptr<admission::Gate> gate;
  };

  // Whether a socket of ours may be in the way of binding that address: it has the port.
  bool Overlaps(const base::SocketAddress& address) const;
  static Place PlaceOf(const config::Listener& listener);
  const Listening* Find(const Place& place) const;
  void Release(const Bound& bound);
  // Nothing when the last worker has closed it.
  std::optional<Listening> Reclaim(const Place& place) const;
  // What a worker has let go and is about to close is closed behind this, and no longer in the way.
  void AwaitClosing() const;

  const base::Clock& clock_;
  const size_t workers_;
  admission::Process* const process_;
  const uint64_t seed_;
  Bound kept_;
  Bound prepared_;
  std::vector<Released> released_;
};

}  // namespace fairlead::apply
