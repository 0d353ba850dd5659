#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/violation.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::apply {

// The secrets that sticky cookies are sealed with, from the files that clusters name; those that name none
// share one of this process's own. Apply thread.
class StickySecrets {
 public:
  StickySecrets();

  // Reads the files that the configuration names, as they are now. Either all of them, or what is wrong and
  // nothing.
  std::vector<config::Violation> Prepare(const config::Config& config);
  // The configuration is in force. What it names was prepared, now or earlier.
  void Keep(const config::Config& config);
  // Forgets what was prepared since the last Keep.
  void Abandon() { prepared_.clear(); }

  // Of the clusters with sticky cookies, as of the last Keep; never null.
  const std::shared_ptr<const sticky::Sealers>& sealers() const { return sealers_; }

 private:
  using ByFile = std::map<std::string, std::shared_ptr<const sticky::Sealer>>;

  std::shared_ptr<const sticky::Sealer> own_;
  ByFile kept_;
  ByFile prepared_;
  std::shared_ptr<const sticky::Sealers> sealers_ = std::make_shared<const sticky::Sealers>();
};

}  // namespace fairlead::apply
