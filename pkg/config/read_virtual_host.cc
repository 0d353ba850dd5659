#include "pkg/config/read_virtual_host.h"

#include <fmt/format.h>

#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_route.h"

namespace fairlead::config {
namespace {

std::vector<std::string> ReadListeners(const v1::VirtualHost& message, const Unique& listeners,
                                       const Path& path, Report& report) {
  // All of them is what leaving it out means; whoever writes an empty list means the opposite.
  if (message.listeners_size() == 0 && report.WrittenInFile(path)) {
    report.Add(path, "is empty", "name listeners, or leave it out for all of them");
  }
  Unique names("listener");
  for (int i = 0; i < message.listeners_size(); ++i) {
    const std::string& name = message.listeners(i);
    if (!listeners.Has(name)) {
      report.Add(path.Index(i), fmt::format("there is no listener {}", Quote(name)),
                 "name one that is listed under listeners");
    }
    names.Add(name, path.Index(i), report);
  }
  return {message.listeners().begin(), message.listeners().end()};
}

}  // namespace

VirtualHost ReadVirtualHost(const v1::VirtualHost& message, const Unique& listeners, const Unique& clusters,
                            Unique& routes, const Path& path, Report& report) {
  VirtualHost host;
  host.name = message.name();
  CheckName(host.name, path.Field("name"), report);
  host.listeners = ReadListeners(message, listeners, path.Field("listeners"), report);
  const Path domains = path.Field("domains"), routes_path = path.Field("routes");
  if (message.domains_size() == 0) {
    report.Add(domains, "is missing", "list host names, or \"*\" for any");
  }
  for (int i = 0; i < message.domains_size(); ++i) {
    host.domains.push_back(ReadDomain(message.domains(i), domains.Index(i), report));
  }
  for (int i = 0; i < message.routes_size(); ++i) {
    const Path route = routes_path.Index(i);
    host.routes.push_back(ReadRoute(message.routes(i), clusters, route, report));
    if (!host.routes.back().name.empty()) routes.Add(host.routes.back().name, route.Field("name"), report);
  }
  return host;
}

}  // namespace fairlead::config
