// ledger.cpp: from the last step back, with the running product of the coefficients.
#include "explain/ledger.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright {
namespace {

template <class T>
class Reader {
 public:
  Reader(const Trace<T>& trace, int lane) : trace_(trace), lane_(lane) {}
  double operator()(int line, int step, int unit) const {
    const TracedLine<T>& l = trace_.lines[static_cast<std::size_t>(line)];
    const std::size_t row = static_cast<std::size_t>(step) * static_cast<std::size_t>(trace_.lanes) +
                            static_cast<std::size_t>(lane_);
    return static_cast<double>(
        l.values[row * static_cast<std::size_t>(l.size) + static_cast<std::size_t>(unit)]);
  }
  int units(const TracedBelt& belt) const { return trace_.lines[static_cast<std::size_t>(belt.next)].size; }

 private:
  const Trace<T>& trace_;
  int lane_;
};

template <class T>
void check_place(const Trace<T>& trace, int step, int lane) {
  if (step < 0 || step >= trace.steps)
    throw SpecError(fmt::format("there is no step {}; the text has steps 0 … {}", step, trace.steps - 1));
  if (lane < 0 || lane >= trace.lanes)
    throw SpecError(fmt::format("there is no lane {}; there are {}", lane, trace.lanes));
}

}  // namespace

double Ledger::sum() const {
  double total = start_kept * start;
  for (const LedgerEntry& e : entries) {
    for (double a : e.amount) total += a;
  }
  return total;
}

template <class T>
Ledger ledger(const Trace<T>& trace, const TracedBelt& belt, int unit, int step, int lane) {
  const Reader<T> value(trace, lane);
  check_place(trace, step, lane);
  if (unit < 0 || unit >= value.units(belt))
    throw SpecError(
        fmt::format("there is no unit {}; '{}' has units 0 … {}", unit, belt.state, value.units(belt) - 1));
  const auto name = [&](int line) { return trace.lines[static_cast<std::size_t>(line)].line; };
  Ledger result;
  result.layer = belt.layer;
  result.unit = unit;
  result.step = step;
  result.state = belt.state;
  result.coefficient = name(belt.coefficient);
  for (int term : belt.terms) result.terms.push_back(name(term));
  result.entries.resize(static_cast<std::size_t>(step) + 1);
  double kept = 1;
  for (int s = step; s >= 0; --s) {
    LedgerEntry& e = result.entries[static_cast<std::size_t>(s)];
    e.step = s;
    e.kept = kept;
    for (int term : belt.terms) {
      e.put.push_back(value(term, s, unit));
      e.amount.push_back(kept * e.put.back());
    }
    kept *= value(belt.coefficient, s, unit);
  }
  result.start = value(belt.old, 0, unit);
  result.start_kept = kept;
  result.value = value(belt.next, step, unit);
  return result;
}

template <class T>
std::vector<double> belt_ages(const Trace<T>& trace, const TracedBelt& belt, int step, int lane) {
  const Reader<T> value(trace, lane);
  check_place(trace, step, lane);
  std::vector<double> kept(static_cast<std::size_t>(value.units(belt)), 1.0), ages;
  for (int s = step; s >= 0; --s) {
    double sum = 0;
    for (int k = 0; k < value.units(belt); ++k) {
      double put = 0;
      for (int term : belt.terms) put += value(term, s, k);
      sum += std::fabs(kept[static_cast<std::size_t>(k)] * put);
      kept[static_cast<std::size_t>(k)] *= value(belt.coefficient, s, k);
    }
    ages.push_back(sum);
  }
  return ages;
}

template Ledger ledger(const Trace<float>&, const TracedBelt&, int, int, int);
template Ledger ledger(const Trace<double>&, const TracedBelt&, int, int, int);
template std::vector<double> belt_ages(const Trace<float>&, const TracedBelt&, int, int);
template std::vector<double> belt_ages(const Trace<double>&, const TracedBelt&, int, int);

}  // namespace cellwright
