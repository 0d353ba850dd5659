#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkg/apply/applier.h"
#include "pkg/base/address.h"
#include "pkg/base/random.h"
#include "pkg/dns/name_watcher.h"
#include "pkg/dns/resolver.h"
#include "pkg/loop/loop.h"

namespace fairlead::app {

// Keeps the names of DNS clusters resolved, on a thread of its own. Watch and Stop may be called from any
// thread.
class NameService {
 public:
  // Called on the service's thread with the whole set, the first time and whenever it has changed.
  using Resolved = std::function<void(const std::string& cluster, const std::string& name,
                                      std::vector<base::IpAddress> addresses)>;

  NameService(uint64_t seed, Resolved resolved);
  ~NameService();

  // These names and no others; what is watched already goes on as it was.
  void Watch(std::vector<apply::Applier::WatchedName> names);
  // After this, `resolved` is not called any more. Idempotent.
  void Stop();

 private:
  struct Watched {
    config::Dns dns;
    std::unique_ptr<dns::NameWatcher> watcher;
  };

  void WatchHere(const std::vector<apply::Applier::WatchedName>& names);
  std::unique_ptr<dns::NameWatcher> MakeWatcher(const apply::Applier::WatchedName& name);

  const Resolved resolved_;
  base::Random random_;
  loop::Loop loop_;
  std::unique_ptr<dns::Resolver> resolver_;  // made with the first name
  std::map<std::string, Watched> watched_;   // by cluster
  std::thread thread_;
};

}  // namespace fairlead::app
