#pragma once

#include <memory>
#include <span>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"

namespace fairlead::loop {

// One attempt to connect to an address, under way. Destroying it gives the attempt up; `done` is then not
// called.
//
// It has no deadline of its own: whoever waits has one.
class Connect {
 public:
  // Called once, from the loop. The status is OK and the stream set, or it says why not. The attempt may be
  // destroyed inside.
  using Done = absl::AnyInvocable<void(absl::Status, std::unique_ptr<stream::Stream>)>;

  // An error here is one that the kernel tells at once (no descriptor, no route, no port); `done` is then not
  // called.
  static absl::StatusOr<std::unique_ptr<Connect>> Start(Loop& loop, const base::SocketAddress& address,
                                                        Done done) {
    return Start(loop, address, {}, std::move(done));
  }
  // From the first of these addresses of this host, of the family of `address`, that has a port left for it;
  // none = the kernel chooses.
  static absl::StatusOr<std::unique_ptr<Connect>> Start(Loop& loop, const base::SocketAddress& address,
                                                        std::span<const base::IpAddress> sources, Done done);

  ~Connect();
  Connect(const Connect&) = delete;
  Connect& operator=(const Connect&) = delete;

 private:
  struct Attempt;
  explicit Connect(Attempt* attempt) : attempt_(attempt) {}

  Attempt* attempt_;  // null once done
};

// Whether a connect failed for want of something of ours (descriptors, ports, buffers), which says nothing
// about the backend.
bool IsShortage(const absl::Status& status);
// The same, where every other connect would fail for it as well: descriptors, or the kernel's memory.
bool IsExhaustion(const absl::Status& status);

}  // namespace fairlead::loop
