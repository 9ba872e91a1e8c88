// joins.cpp: where lines meet before layers. Layers that read the same share a join; a join that holds
// another one continues it.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "draw/scheme.h"

namespace cellwright::draw {
namespace {

using Members = std::set<int>;

std::vector<int> main_feeds(const Part& part) {
  std::vector<int> from;
  for (const Feed& f : part.feeds) {
    if (!f.side) from.push_back(f.from);
  }
  return from;
}

Members as_set(const std::vector<int>& list) { return {list.begin(), list.end()}; }

}  // namespace

void add_joins(Scheme& scheme) {
  // What meets, each set once, in the order in which its first reader names it; a set that holds another
  // continues it.
  std::vector<std::vector<int>> sets;
  std::map<Members, bool> known;
  for (const Part& part : scheme.parts) {
    const std::vector<int> members = main_feeds(part);
    if (part.kind != PartKind::kLayer || members.size() < 2) continue;
    if (known.emplace(as_set(members), true).second) sets.push_back(members);
  }
  std::stable_sort(sets.begin(), sets.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });

  std::vector<Part> old = std::move(scheme.parts);
  scheme.parts.clear();
  std::vector<int> moved(old.size(), -1);  // old index to new
  std::map<Members, int> join_of;          // by old indices
  const auto add_join = [&](int a, int b) {
    Part join;
    join.kind = PartKind::kJoin;
    join.op = Op::kConcat;
    join.title = "joined";
    join.feeds = {{a, {}, false}, {b, {}, false}};
    scheme.parts.push_back(join);
    return scheme.size() - 1;
  };
  const std::function<int(const Members&)> join = [&](const Members& members) {
    const auto found = join_of.find(members);
    if (found != join_of.end()) return found->second;
    const std::vector<int>* order = nullptr;
    const std::vector<int>* largest = nullptr;
    for (const auto& set : sets) {
      const Members s = as_set(set);
      if (s == members) order = &set;
      if (s.size() < members.size() && std::includes(members.begin(), members.end(), s.begin(), s.end()) &&
          (largest == nullptr || set.size() > largest->size()))
        largest = &set;
    }
    Members done;
    int last = -1;
    if (largest != nullptr) {
      done = as_set(*largest);
      last = join(done);
    }
    for (const int member : *order) {
      if (done.count(member)) continue;
      const int from = moved[static_cast<std::size_t>(member)];
      last = last < 0 ? from : add_join(last, from);
      done.insert(member);
    }
    join_of[members] = last;
    return last;
  };

  for (std::size_t i = 0; i < old.size(); ++i) {
    Part part = old[i];
    const std::vector<int> members = main_feeds(part);
    std::vector<Feed> feeds;
    if (part.kind == PartKind::kLayer && members.size() > 1) {
      feeds.push_back({join(as_set(members)), {}, false});
      for (Feed f : part.feeds) {
        if (!f.side) continue;
        f.from = moved[static_cast<std::size_t>(f.from)];
        feeds.push_back(f);
      }
    } else {
      feeds = part.feeds;
      for (Feed& f : feeds) f.from = moved[static_cast<std::size_t>(f.from)];
    }
    part.feeds = feeds;
    moved[i] = scheme.size();
    scheme.parts.push_back(part);
  }
}

}  // namespace cellwright::draw
