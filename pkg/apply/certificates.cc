#include "pkg/apply/certificates.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/telemetry/log.h"
#include "pkg/tls/revocation_dates.h"
#include "pkg/tls/validity.h"

namespace fairlead::apply {
namespace {

void AddFile(const std::string& file, std::set<std::string>* files) {
  if (!file.empty()) files->insert(file);
}

// The files that it names, and the hashes of the keys in it.
struct Names {
  std::set<std::string> files;
  std::set<std::string> keys;

  void Add(const config::TlsCertificate& certificate) {
    AddFile(certificate.chain.file, &files);
    AddFile(certificate.key.file, &files);
    if (!certificate.key.secret.empty()) keys.insert(certificate.key.secret.sha256());
  }
  void Add(const config::ListenerTls& tls) {
    for (const config::TlsCertificate& certificate : tls.certificates) Add(certificate);
    if (!tls.clients) return;
    AddFile(tls.clients->authorities.file, &files);
    AddFile(tls.clients->revoked.file, &files);
  }
  void Add(const config::ClusterTls& tls) {
    AddFile(tls.authorities.file, &files);
    AddFile(tls.revoked.file, &files);
    if (tls.certificate) Add(*tls.certificate);
  }
};

// The keys whose text the configuration brings.
void AddSecrets(const config::Config& config, std::vector<config::Secret>* secrets) {
  const auto add = [&](const config::TlsCertificate& certificate) {
    if (certificate.key.secret.text() != nullptr) secrets->push_back(certificate.key.secret);
  };
  for (const config::Listener& listener : config.listeners) {
    if (!listener.tls) continue;
    for (const config::TlsCertificate& certificate : listener.tls->certificates) add(certificate);
  }
  for (const config::Cluster& cluster : config.clusters) {
    if (cluster.tls && cluster.tls->certificate) add(*cluster.tls->certificate);
  }
}

}  // namespace

template <typename Settings, typename Context>
const LoadedTls<Context>* Certificates::Set<Settings, Context>::Find(const Settings& settings) const {
  if (const auto fresh = prepared.find(settings); fresh != prepared.end()) return &fresh->second;
  const auto known = kept.find(settings);
  return known == kept.end() ? nullptr : &known->second.loaded;
}

template <typename Settings, typename Context>
auto Certificates::Set<Settings, Context>::Entered(const Settings& settings) const -> Entry {
  const auto before = kept.find(settings);
  return {*Find(settings), before == kept.end() ? std::string() : before->second.refused};
}

template <typename Settings, typename Context>
void Certificates::PrepareOne(const Settings& settings, const Place& place, MissingKeys missing,
                              Set<Settings, Context>* set, std::vector<config::Violation>* violations) {
  if (const auto kept = set->kept.find(settings);
      kept != set->kept.end() && kept->second.loaded.context != nullptr) {
    LoadedTls<Context> loaded = *set->Find(settings);
    Note(place.who, Reload(settings, &loaded), &kept->second.refused);
    set->prepared[settings] = std::move(loaded);
    return;
  }
  auto result = loader_.Load(settings, set->Find(settings));
  if (auto* const loaded = std::get_if<LoadedTls<Context>>(&result)) {
    set->prepared[settings] = std::move(*loaded);
    return;
  }
  auto* const no_key = std::get_if<TlsLoader::NoKey>(&result);
  if (no_key != nullptr && missing == MissingKeys::kWaitFor) {
    set->prepared[settings] = {};
    return;
  }
  config::Violation violation = no_key != nullptr ? no_key->violation : std::get<config::Violation>(result);
  violation.path = fmt::format("{}.tls.{}", place.path, violation.path);
  violations->push_back(std::move(violation));
}

std::vector<config::Violation> Certificates::Prepare(const config::Config& config, MissingKeys missing) {
  std::vector<config::Violation> violations;
  for (size_t i = 0; i < config.listeners.size(); ++i) {
    const config::Listener& listener = config.listeners[i];
    if (!listener.tls) continue;
    const Place place{.who = "listener " + listener.name, .path = fmt::format("listeners[{}]", i)};
    PrepareOne(*listener.tls, place, missing, &listeners_, &violations);
  }
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    const config::Cluster& cluster = config.clusters[i];
    if (!cluster.tls) continue;
    const Place place{.who = "cluster " + cluster.name, .path = fmt::format("clusters[{}]", i)};
    PrepareOne(*cluster.tls, place, missing, &clusters_, &violations);
  }
  return violations;
}

absl::Status Certificates::StoreKeys(const config::Config& config) {
  std::vector<config::Secret> secrets;
  AddSecrets(config, &secrets);
  for (const config::Secret& secret : secrets) {
    if (absl::Status status = keys_.Add(secret); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Certificates::Keep(const config::Config& config) {
  Names names;
  std::map<config::ListenerTls, Listeners::Entry> listeners;
  std::map<config::ClusterTls, Clusters::Entry> clusters;
  for (const config::Listener& listener : config.listeners) {
    if (!listener.tls) continue;
    names.Add(*listener.tls);
    listeners[*listener.tls] = listeners_.Entered(*listener.tls);
  }
  for (const config::Cluster& cluster : config.clusters) {
    if (!cluster.tls) continue;
    names.Add(*cluster.tls);
    clusters[*cluster.tls] = clusters_.Entered(*cluster.tls);
  }
  // What was read a moment ago may have been half of what is there now: it is looked at once more.
  if (!listeners_.prepared.empty() || !clusters_.prepared.empty()) loaded_.clear();
  listeners_.Keep(std::move(listeners));
  clusters_.Keep(std::move(clusters));
  files_ = std::move(names.files);
  keys_.Keep(names.keys);
}

void Certificates::Abandon() {
  listeners_.prepared.clear();
  clusters_.prepared.clear();
}

bool Certificates::waits_for_keys() const {
  const auto waits = [](const auto& entry) { return entry.second.loaded.context == nullptr; };
  return std::any_of(listeners_.kept.begin(), listeners_.kept.end(), waits) ||
         std::any_of(clusters_.kept.begin(), clusters_.kept.end(), waits);
}

snapshot::TlsContexts Certificates::For(const config::Config& config) const {
  snapshot::TlsContexts contexts;
  for (const config::Listener& listener : config.listeners) {
    const auto* const loaded = listener.tls ? listeners_.Find(*listener.tls) : nullptr;
    contexts.listeners.push_back(loaded == nullptr ? nullptr : loaded->context);
  }
  for (const config::Cluster& cluster : config.clusters) {
    const auto* const loaded = cluster.tls ? clusters_.Find(*cluster.tls) : nullptr;
    contexts.clusters.push_back(loaded == nullptr ? nullptr : loaded->context);
  }
  return contexts;
}

template <typename Settings, typename Context>
std::string Certificates::Reload(const Settings& settings, LoadedTls<Context>* loaded) {
  auto result = loader_.Load(settings, loaded);
  if (const auto* violation = std::get_if<config::Violation>(&result)) return "tls." + violation->ToString();
  auto* const fresh = std::get_if<LoadedTls<Context>>(&result);
  if (fresh == nullptr) return "";  // the key was missing before
  if (fresh->context != loaded->context && loaded->context != nullptr) {
    std::string dates = DatesOf(*fresh->context);
    if (!dates.empty() && DatesOf(*loaded->context).empty()) return dates;
    const base::WallTime now = clock_.WallNow();
    std::string lists = tls::CrlsOutOfDate(fresh->context->authorities(), now);
    if (!lists.empty() && tls::CrlsOutOfDate(loaded->context->authorities(), now).empty()) return lists;
  }
  *loaded = std::move(*fresh);
  return "";
}

template <typename Settings, typename Context>
bool Certificates::RefreshOne(const std::string& who, const Settings& settings, Set<Settings, Context>* set) {
  typename Set<Settings, Context>::Entry& entry = set->kept.at(settings);
  const std::shared_ptr<const Context> before = entry.loaded.context;
  Note(who, Reload(settings, &entry.loaded), &entry.refused);
  if (entry.loaded.context == before) return false;
  stats_->CertificateReloaded();
  telemetry::LogInfo(fmt::format("{}: its certificates have changed, and are in use", who));
  return true;
}

void Certificates::Note(const std::string& who, std::string why, std::string* refused) {
  if (!why.empty()) refused_ = true;
  if (!why.empty() && *refused != why) {
    stats_->CertificateRefused();
    telemetry::LogWarning(fmt::format("{}: {}; what was loaded before stays in use", who, why));
  }
  *refused = std::move(why);
}

std::string Certificates::DatesOf(const tls::ServerContext& context) const {
  for (const auto& shown : context.certificates()) {
    if (std::string trouble = tls::OutOfDate(*shown, clock_.WallNow()); !trouble.empty()) {
      return fmt::format("{}: {}", shown->name(), trouble);
    }
  }
  return "";
}

std::string Certificates::DatesOf(const tls::ClientContext& context) const {
  if (context.certificate() == nullptr) return "";
  const std::string trouble = tls::OutOfDate(*context.certificate(), clock_.WallNow());
  return trouble.empty() ? "" : fmt::format("{}: {}", context.certificate()->name(), trouble);
}

bool Certificates::Refresh(const config::Config& config) {
  FileStamps now = TakeStamps(files_);
  const bool settled = std::exchange(seen_, now) == now;
  // What was refused may become good by itself: a certificate that begins later, a directory that is mounted.
  if (!settled || (now == loaded_ && !refused_)) return false;
  bool changed = false;
  refused_ = false;
  std::set<const void*> done;
  const auto first = [&](const auto& entry) { return done.insert(&entry).second; };
  for (const config::Listener& listener : config.listeners) {
    if (!listener.tls || !first(listeners_.kept.at(*listener.tls))) continue;
    changed = RefreshOne("listener " + listener.name, *listener.tls, &listeners_) || changed;
  }
  for (const config::Cluster& cluster : config.clusters) {
    if (!cluster.tls || !first(clusters_.kept.at(*cluster.tls))) continue;
    changed = RefreshOne("cluster " + cluster.name, *cluster.tls, &clusters_) || changed;
  }
  loaded_ = std::move(now);
  return changed;
}

}  // namespace fairlead::apply
