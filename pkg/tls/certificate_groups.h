#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/tls/certificate.h"

namespace fairlead::tls {

// The certificates to choose from for one server name: at most one of each key type, by KeyType; the client's
// signature algorithms decide between them.
using CertificateGroup = std::array<const Certificate*, 2>;

// Which certificates serve which name.
struct CertificateGroups {
  CertificateGroup standard;                                     // where no name fits
  std::map<std::string, CertificateGroup, std::less<>> by_name;  // exact names, and "*.example.com"
};

// `certificates` must not be empty. See ServerContext::Options for the rules.
CertificateGroups GroupCertificates(const std::vector<std::shared_ptr<const Certificate>>& certificates);

// "*.example.com" for "a.example.com"; "" where no wildcard can cover it.
std::string WildcardOf(std::string_view name);

}  // namespace fairlead::tls
