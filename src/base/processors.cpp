// processors.cpp: the CPU quota of cgroups v1 and v2. A container often shows 64 processors and grants 2.
#include "base/processors.h"

#include <fstream>
#include <sstream>
#include <string>

namespace cellwright {
namespace {

double smaller_quota(double a, double b) { return a == 0 ? b : b == 0 || a < b ? a : b; }

double quota_v2(const std::string& folder) {
  std::ifstream in(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(in >> quota >> period) || period <= 0 || quota == "max") return 0;
  double value = 0;
  return std::istringstream(quota) >> value && value > 0 ? value / period : 0;
}

double quota_v1(const std::string& folder) {
  double quota = 0, period = 0;
  std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
  std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  return quota > 0 && period > 0 ? quota / period : 0;
}

// Any ancestor may hold the tightest limit. Inside a container the named path may not exist below the mount;
// the walk still ends at the mount's root, which then is the container's own group.
template <class Quota>
double walk_up(const std::string& mount, std::string path, Quota quota) {
  double smallest = 0;
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    smallest = smaller_quota(smallest, quota(mount + path));
    if (path.empty()) return smallest;
    const std::size_t slash = path.rfind('/');
    path.erase(slash == std::string::npos ? 0 : slash);
  }
}

bool names_cpu(const std::string& controllers) {
  std::istringstream in(controllers);
  for (std::string name; std::getline(in, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

double cgroup_quota(const std::string& membership, const std::string& root) {
  double smallest = 0;
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // "4:cpu,cpuacct:/group" (v1) or "0::/group" (v2)
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      smallest = smaller_quota(smallest, walk_up(root, path, quota_v2));
    } else if (names_cpu(controllers)) {
      smallest = smaller_quota(smallest, walk_up(root + "/" + controllers, path, quota_v1));
      smallest = smaller_quota(smallest, walk_up(root + "/cpu", path, quota_v1));
    }
  }
  return smallest;
}

}  // namespace cellwright
