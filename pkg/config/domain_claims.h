#pragma once

#include <map>
#include <string>

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config {

// Sees to it that a domain leads to one virtual host on each listener.
class DomainClaims {
 public:
  // Takes the virtual host's domains on its listeners; reports those that another has taken there.
  void Add(const VirtualHost& host, const Path& path, Report& report);

 private:
  // The paths of those who claim a domain: one on every listener, or one on each of some.
  struct Claims {
    std::string everywhere;
    std::map<std::string, std::string> by_listener;
  };

  // The claim in the way of one on `listener`; nullptr = none.
  static const std::string* Rival(const Claims& claims, const std::string& listener);

  std::map<std::string, Claims> domains_;
};

}  // namespace fairlead::config
