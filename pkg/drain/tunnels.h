#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "pkg/drain/drain.h"
#include "pkg/loop/loop.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::drain {

// The open tunnels of the process, wherever they are. Any thread; nothing here waits. Both questions are
// answered once, on the loop.
class Tunnels {
 public:
  using Found = absl::AnyInvocable<void(std::vector<Member>)>;
  using Open = absl::AnyInvocable<void(absl::flat_hash_set<uint64_t>)>;

  // Those that fit and are open now, each once, those included that are taking leave.
  virtual void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) = 0;
  // Which of these have not gone, likewise; by id.
  virtual void FindOpen(const std::vector<Member>& members, loop::Loop& loop, Open open) = 0;
  // Tells them to close. Who has been told before goes as he was told then.
  virtual void Shut(const std::vector<Member>& members, const tunnel::CloseOrder& order) = 0;
  // Ends them at once.
  virtual void Cut(const std::vector<Member>& members, const tunnel::CloseOrder& order) = 0;

 protected:
  ~Tunnels() = default;
};

}  // namespace fairlead::drain
