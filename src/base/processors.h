// processors.h: how many processors the cgroups grant; apart from thread_pool.h so that tests can hand in a
// made-up tree.
#pragma once

#include <string>

namespace cellwright {

/// The smallest CPU quota, in processors, on the way from this process's cgroup to the root; 0 where there is
/// none. `membership` is the text of /proc/self/cgroup, `root` where cgroups are mounted (/sys/fs/cgroup).
/// Reads cgroup v2 (cpu.max) and v1 (cpu.cfs_quota_us). Never throws over an unreadable or malformed file: it
/// counts as no quota.
double cgroup_quota(const std::string& membership, const std::string& root);

}  // namespace cellwright
