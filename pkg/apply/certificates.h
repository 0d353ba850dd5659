#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "pkg/apply/file_stamps.h"
#include "pkg/apply/key_store.h"
#include "pkg/apply/tls_loader.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/config/violation.h"
#include "pkg/snapshot/tls_contexts.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::apply {

// The TLS contexts of the configuration: loaded and judged before it comes into force, and made anew when the
// files that it names have changed. What asks for the same shares one. Apply thread.
class Certificates {
 public:
  // Both outlive it.
  Certificates(const base::Clock& clock, telemetry::ProcessStats* stats)
      : clock_(clock), loader_(keys_, clock), stats_(stats) {}

  // Where private keys from configurations are kept.
  absl::Status OpenDirectory(const std::string& directory) { return keys_.Open(directory); }

  // What to do about a private key that is not here.
  enum class MissingKeys : uint8_t { kRefuse, kWaitFor };

  // Loads what the configuration needs, from files as they are now. Either all of it, or what is wrong and
  // nothing. Where what is in force needs the same, files that Refresh would refuse are no reason against it:
  // what is in use stays, and that is logged and counted as there.
  std::vector<config::Violation> Prepare(const config::Config& config,
                                         MissingKeys missing = MissingKeys::kRefuse);
  // Puts the keys that stand in the configuration where they outlive it, ahead of Keep.
  absl::Status StoreKeys(const config::Config& config);
  // The configuration is in force. All of it was prepared, now or earlier.
  void Keep(const config::Config& config);
  // Forgets what was prepared since the last Keep.
  void Abandon();

  // For a configuration that was prepared.
  snapshot::TlsContexts For(const config::Config& config) const;

  // Whether what is in force lacks a key.
  bool waits_for_keys() const;

  // Whether there are files to look at.
  bool watches_files() const { return !files_.empty(); }
  // To be called now and then: when files have changed, and not since the last call, they are loaded. What is
  // wrong with them is logged and counted, and what was loaded before stays: a certificate that is out of
  // date, too, unless that before is so as well. Whether any context is new.
  // `config`: in force.
  bool Refresh(const config::Config& config);

 private:
  template <typename Settings, typename Context>
  struct Set {
    struct Entry {
      LoadedTls<Context> loaded;
      std::string refused;  // what was wrong with the files at the last look
    };
    std::map<Settings, Entry> kept;
    std::map<Settings, LoadedTls<Context>> prepared;

    const LoadedTls<Context>* Find(const Settings& settings) const;
    // As it comes into force.
    Entry Entered(const Settings& settings) const;
    void Keep(std::map<Settings, Entry> fresh) { kept = std::move(fresh), prepared.clear(); }
  };
  using Listeners = Set<config::ListenerTls, tls::ServerContext>;
  using Clusters = Set<config::ClusterTls, tls::ClientContext>;

  // Whose settings they are: for messages, and as a path.
  struct Place {
    std::string who;
    std::string path;
  };

  template <typename Settings, typename Context>
  void PrepareOne(const Settings& settings, const Place& place, MissingKeys missing,
                  Set<Settings, Context>* set, std::vector<config::Violation>* violations);
  // Loads again what is in use. Why it has to stay as it is; empty = `loaded` is what to use.
  template <typename Settings, typename Context>
  std::string Reload(const Settings& settings, LoadedTls<Context>* loaded);
  template <typename Settings, typename Context>
  bool RefreshOne(const std::string& who, const Settings& settings, Set<Settings, Context>* set);

  // Why files were refused at this look, or that they were not: said when it is news.
  void Note(const std::string& who, std::string why, std::string* refused);
  // What is wrong with the dates of a certificate that is shown; empty = nothing.
  std::string DatesOf(const tls::ServerContext& context) const;
  std::string DatesOf(const tls::ClientContext& context) const;

  const base::Clock& clock_;
  KeyStore keys_;
  TlsLoader loader_;
  telemetry::ProcessStats* const stats_;
  Listeners listeners_;
  Clusters clusters_;
  std::set<std::string> files_;  // of what is in force
  bool refused_ = false;         // something was, at the last look that loaded
  FileStamps loaded_;            // as they were before they were last loaded
  FileStamps seen_;              // as they were at the last look
};

}  // namespace fairlead::apply
