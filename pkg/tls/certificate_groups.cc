#include "pkg/tls/certificate_groups.h"

#include <algorithm>
#include <string_view>

namespace fairlead::tls {
namespace {

const Certificate*& SlotOf(CertificateGroup& group, const Certificate& certificate) {
  return group[static_cast<size_t>(certificate.key_type())];
}

bool CoversAll(const Certificate& one, const Certificate& other) {
  return std::all_of(other.names().begin(), other.names().end(), [&](const std::string& name) {
    return std::find(one.names().begin(), one.names().end(), name) != one.names().end();
  });
}

}  // namespace

std::string WildcardOf(std::string_view name) {
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0 || name.substr(0, dot) == "*") return "";
  return std::string("*").append(name.substr(dot));
}

CertificateGroups GroupCertificates(const std::vector<std::shared_ptr<const Certificate>>& certificates) {
  CertificateGroups groups{};
  for (const auto& certificate : certificates) {
    for (const std::string& name : certificate->names()) {
      const Certificate*& slot = SlotOf(groups.by_name[name], *certificate);
      if (slot == nullptr) slot = certificate.get();
    }
    // Beside the first certificate stands the first of the other type that is for the same names.
    const Certificate*& slot = SlotOf(groups.standard, *certificate);
    if (slot == nullptr && CoversAll(*certificate, *certificates.front())) slot = certificate.get();
  }
  for (auto& [name, group] : groups.by_name) {
    const auto wider = groups.by_name.find(WildcardOf(name));
    for (size_t type = 0; wider != groups.by_name.end() && type < group.size(); ++type) {
      if (group[type] == nullptr) group[type] = wider->second[type];
    }
  }
  return groups;
}

}  // namespace fairlead::tls
