// shapes.cpp: start at shapes_of(). Each size that a layer may choose gets a number of its own, a prime times
// kSmooth; every size in the lowered graph is then read back as a small multiple or part of one of them.
#include "language/shapes.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "cellwright/error.h"
#include "language/names.h"
#include "language/signature.h"

namespace cellwright {
namespace {

// Divisible by all that cells split by and group by; sizes up to 16 times the largest stay within the limit
// of a value's units.
constexpr std::int64_t kSmooth = 1680;
constexpr std::array<std::int64_t, 8> kPrimes = {503, 509, 521, 523, 541, 547, 557, 563};
constexpr std::int64_t kMostTimes = 64, kMostParts = 16;

Formula constant(std::int64_t n) { return Formula{{{n, 1, {}}}}; }

void reduce(Formula::Term& term) {
  const std::int64_t common = std::gcd(term.factor, term.divisor);
  term.factor /= common;
  term.divisor /= common;
}

/// A size of the graph as a formula of one letter, or a plain number that the cell itself gives.
Formula read_back(std::int64_t size, const std::vector<std::int64_t>& numbers) {
  for (std::size_t l = 0; l < numbers.size(); ++l) {
    const std::int64_t common = std::gcd(size, numbers[l]);
    const std::int64_t times = size / common, parts = numbers[l] / common;
    if (times <= kMostTimes && parts <= kMostParts) return Formula{{{times, parts, {static_cast<int>(l)}}}};
  }
  return constant(size);
}

struct Choice {
  CellBinding binding;
  std::vector<Letter> letters;
  std::vector<std::int64_t> numbers;  ///< of the letters
};

/// Bit p of `equal`: input p is as wide as the units.
std::optional<Choice> choose(const Signature& wanted, bool optional_inputs, unsigned equal) {
  Choice c;
  const auto add = [&](const std::string& latex, const std::string& meaning) {
    if (c.numbers.size() == kPrimes.size()) return false;
    c.letters.push_back({latex, meaning});
    c.numbers.push_back(kSmooth * kPrimes[c.numbers.size()]);
    return true;
  };
  add("H", "units");
  c.binding.units = static_cast<int>(c.numbers[0]);
  std::size_t free_inputs = 0;
  for (std::size_t p = 0; p < wanted.inputs.size(); ++p)
    free_inputs += (!wanted.inputs[p].optional || optional_inputs) && !(equal >> p & 1U);
  for (std::size_t p = 0; p < wanted.inputs.size(); ++p) {
    const auto& input = wanted.inputs[p];
    if (input.optional && !optional_inputs) {
      c.binding.inputs.push_back(0);
    } else if (equal >> p & 1U) {
      c.binding.inputs.push_back(c.binding.units);
      c.letters[0].meaning += ", " + input.name + " as wide";
    } else {
      const std::string letter = free_inputs == 1 ? "I" : "I_{" + syntax::latex_name(input.name) + "}";
      if (!add(letter, "numbers of " + input.name)) return std::nullopt;
      c.binding.inputs.push_back(static_cast<int>(c.numbers.back()));
    }
  }
  for (const std::string& size : wanted.size_names) {
    if (!add(syntax::latex_name(size), "by `--size " + size + "`")) return std::nullopt;
    c.binding.sizes[size] = static_cast<int>(c.numbers.back());
  }
  return c;
}

std::optional<Graph> made(const syntax::Cell& cell, const CellBinding& binding) {
  try {
    return lower(cell, binding);
  } catch (const Error&) {
    return std::nullopt;  // these sizes do not suit the cell
  }
}

CellShapes read(const Graph& graph, const Choice& choice) {
  CellShapes shapes;
  shapes.letters = choice.letters;
  for (const Parameter& p : graph.parameters) {
    ParameterShape shape{p.name, p.matrix, read_back(p.rows, choice.numbers), constant(1), {}};
    if (p.matrix) {
      shape.columns = {};
      for (const ColumnBlock& block : p.column_blocks)
        shape.columns += read_back(block.columns, choice.numbers);
      if (p.column_blocks.empty()) shape.columns = read_back(p.columns, choice.numbers);
    }
    shape.count = shape.rows * shape.columns;
    const std::int64_t n = p.blocks;
    if (p.structure == Structure::kBlockDiagonal) shape.count = shape.count.scaled(1, n);
    if (p.structure == Structure::kBlockUpper) shape.count = shape.count.scaled(n + 1, 2 * n);
    shapes.total += shape.count;
    shapes.parameters.push_back(std::move(shape));
  }
  return shapes;
}

}  // namespace

Formula& Formula::operator+=(const Formula& other) {
  for (const Term& term : other.terms) {
    const auto same =
        std::find_if(terms.begin(), terms.end(), [&](const Term& t) { return t.letters == term.letters; });
    if (same == terms.end()) {
      terms.push_back(term);
      continue;
    }
    same->factor = same->factor * term.divisor + term.factor * same->divisor;
    same->divisor *= term.divisor;
    reduce(*same);
  }
  // Squares before products with later letters before single letters before numbers.
  std::stable_sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) {
    if (a.letters.size() != b.letters.size()) return a.letters.size() > b.letters.size();
    return a.letters < b.letters;
  });
  return *this;
}

Formula Formula::operator*(const Formula& other) const {
  Formula product;
  for (const Term& a : terms) {
    for (const Term& b : other.terms) {
      Term term{a.factor * b.factor, a.divisor * b.divisor, a.letters};
      term.letters.insert(term.letters.end(), b.letters.begin(), b.letters.end());
      std::sort(term.letters.begin(), term.letters.end());
      reduce(term);
      product += Formula{{term}};
    }
  }
  return product;
}

Formula Formula::scaled(std::int64_t factor, std::int64_t divisor) const {
  return *this * Formula{{{factor, divisor, {}}}};
}

double Formula::value(const std::vector<double>& letters) const {
  double sum = 0;
  for (const Term& term : terms) {
    double product = static_cast<double>(term.factor) / static_cast<double>(term.divisor);
    for (const int l : term.letters) product *= letters[static_cast<std::size_t>(l)];
    sum += product;
  }
  return sum;
}

std::optional<CellShapes> shapes_of(const syntax::Cell& cell, bool optional_inputs) {
  const Signature wanted = signature(cell);
  const std::size_t ports = std::min<std::size_t>(wanted.inputs.size(), 5);
  // As few inputs as possible are tied to the units: by the number of bits, then by the number.
  std::vector<unsigned> ties(1U << ports);
  std::iota(ties.begin(), ties.end(), 0U);
  const auto bits = [](unsigned n) {
    int count = 0;
    for (; n != 0; n &= n - 1) ++count;
    return count;
  };
  std::stable_sort(ties.begin(), ties.end(), [&](unsigned a, unsigned b) { return bits(a) < bits(b); });
  for (const unsigned equal : ties) {
    const std::optional<Choice> choice = choose(wanted, optional_inputs, equal);
    if (!choice) return std::nullopt;
    if (const std::optional<Graph> graph = made(cell, choice->binding)) return read(*graph, *choice);
  }
  return std::nullopt;
}

std::string latex_formula(const Formula& formula, const std::vector<Letter>& letters, bool grouped) {
  std::string out;
  for (const Formula::Term& term : formula.terms) {
    std::string product;
    for (std::size_t i = 0; i < term.letters.size();) {
      std::size_t end = i;
      while (end < term.letters.size() && term.letters[end] == term.letters[i]) ++end;
      const std::string& letter = letters[static_cast<std::size_t>(term.letters[i])].latex;
      product += (letter.front() != '\\' || (product.empty() && term.factor == 1) ? "" : "\\,") + letter;
      if (end - i > 1) product += "^" + std::to_string(end - i);
      i = end;
    }
    std::string factor = term.factor == 1 && !product.empty() ? "" : std::to_string(term.factor);
    if (term.divisor != 1)
      factor = "\\frac{" + std::to_string(term.factor) + "}{" + std::to_string(term.divisor) + "} ";
    out += (out.empty() ? "" : " + ") + factor + product;
  }
  if (out.empty()) return "0";
  return grouped && formula.terms.size() > 1 ? "(" + out + ")" : out;
}

}  // namespace cellwright
