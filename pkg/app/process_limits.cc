#include "pkg/app/process_limits.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace fairlead::app {
namespace {

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The path of this process in the cgroup v2 tree: the line "0::/path" of /proc/self/cgroup.
std::string CgroupPath() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return "/";
}

size_t QuotaFromCgroup() {
  // In a container the mounted tree usually begins at the container's own group.
  for (const std::string& path :
       {"/sys/fs/cgroup" + CgroupPath() + "/cpu.max", std::string("/sys/fs/cgroup/cpu.max")}) {
    if (const auto text = ReadFile(path)) return CpuQuota(*text);
  }
  const auto quota = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  return quota && period ? CpuQuota(fmt::format("{} {}", *quota, *period)) : 0;
}

}  // namespace

size_t CpuQuota(std::string_view cpu_max) {
  int64_t quota = 0, period = 0;
  const char* const end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), end, quota);
  if (first.ec != std::errc()) return 0;
  const char* rest = std::find_if(first.ptr, end, [](char c) { return c != ' ' && c != '\n'; });
  if (std::from_chars(rest, end, period).ec != std::errc()) return 0;
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<size_t>((quota + period - 1) / period);
}

size_t UsableCpus() {
  cpu_set_t set;
  size_t cpus = 1;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) cpus = static_cast<size_t>(CPU_COUNT(&set));
  const size_t quota = QuotaFromCgroup();
  return std::max<size_t>(1, quota > 0 ? std::min(cpus, quota) : cpus);
}

uint64_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  }
  return limit.rlim_cur;
}

uint64_t OwnDescriptors(size_t workers) {
  return 192 + 32 * workers;
}

int64_t ConnectionsFor(uint64_t descriptors, size_t workers) {
  return (static_cast<int64_t>(descriptors) - static_cast<int64_t>(OwnDescriptors(workers))) / 2;
}

}  // namespace fairlead::app
