#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::app {

// How many CPUs this process may keep busy: the CPUs it may run on (sched_getaffinity), but not more than the
// CPU quota of its cgroup, rounded up. At least 1.
size_t UsableCpus();

// The quota in a cgroup v2 cpu.max ("200000 100000") or, from two v1 files, "quota period"; in CPUs, rounded
// up. 0 where there is none ("max 100000", "-1 100000") or the text is something else.
size_t CpuQuota(std::string_view cpu_max);

// Raises the soft limit of descriptors to the hard one and says what it is then.
uint64_t RaiseDescriptorLimit();

// What the process needs for itself: loops, listening sockets, log, name look-ups, files that are read, and
// up to 64 clients on each of the ports for metrics and people.
uint64_t OwnDescriptors(size_t workers);

// How many client connections that many descriptors carry: two each (client and backend), less the process's
// own. Less than 1 = too few to serve anybody.
int64_t ConnectionsFor(uint64_t descriptors, size_t workers);

}  // namespace fairlead::app
