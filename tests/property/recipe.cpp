#include "property/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/rng.h"

namespace cellwright {
namespace {

class Writer {
 public:
  explicit Writer(const CellRecipe& recipe) : recipe_(recipe) {
    for (const Line& line : recipe.lines) {
      each_term(line.value, [&](const Term& t) {
        if (t.kind == Term::Kind::kParam || t.kind == Term::Kind::kProduct) ++parameters_[t.text];
        if (t.kind == Term::Kind::kParam && t.text[0] == 'g') declared_.insert(t.text);
        if (t.kind == Term::Kind::kConst) constants_[t.text] = t.type;
        if (t.kind == Term::Kind::kEvery) clocks_[t.text] = t.type;
        if (t.kind == Term::Kind::kName && t.delay > 0) states_.insert(t.text);
      });
    }
  }

  std::string text() {
    std::string out = fmt::format("# Made at random from seed {}.\ncell random(", recipe_.seed);
    for (std::size_t i = 0; i < recipe_.inputs.size(); ++i) {
      out +=
          fmt::format("{}{}{}", i ? ", " : "", recipe_.inputs[i].name, recipe_.inputs[i].optional ? "?" : "");
    }
    out += ") -> " + fmt::format("{}\n", fmt::join(recipe_.outputs, ", "));
    if (!declared_.empty()) out += fmt::format("param {}\n", fmt::join(declared_, ", "));
    for (const auto& [name, type] : constants_)
      out += fmt::format("const {} = {}\n", name, numbers(name, size(type)));
    for (const auto& [name, type] : clocks_)
      out += fmt::format("option {} = {}\n", name, fmt::join(periods(name, type), ", "));
    out += options();
    out += "\n";
    for (const Line& line : recipe_.lines) {
      if (line.loss) out += "loss ";
      out += fmt::format("{} = ", fmt::join(line.names, ", "));
      out += line.names.size() > 1 ? "split(" + expression(line.value, 0) + ")" : expression(line.value, 0);
      out += "\n";
    }
    out += sizes();
    std::vector<std::string> shared;
    for (const auto& [name, uses] : parameters_) {
      if (uses > 1) shared.push_back(name);
    }
    if (!shared.empty()) out += fmt::format("share {}\n", fmt::join(shared, ", "));
    for (const Remark& r : recipe_.remarks) out += remark(r);
    return out;
  }

 private:
  int size(SizeType type) const {
    return type.scalar() ? 1 : recipe_.sizes[static_cast<std::size_t>(type.cls)] * type.times;
  }

  // Numbers that depend on the name alone, so that cutting elsewhere leaves them.
  static std::string numbers(const std::string& name, int count) {
    const Random random(7, hash_name(name));
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i)
      all.push_back(fmt::format("{:.3g}", 0.2 + 0.6 * random.uniform(static_cast<std::uint64_t>(i))));
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::vector<int> periods(const std::string& name, SizeType type) const {
    std::vector<int> all = recipe_.periods.at(name);
    while (size(type) % static_cast<int>(all.size()) != 0) all.pop_back();
    return all;
  }

  int blocks(const Remark& r) const {
    int n = r.blocks;
    while (size(r.rows) % n != 0 || size(r.columns) % n != 0) --n;
    return n;
  }

  bool wanted(const Remark& r) const {
    return std::all_of(r.names.begin(), r.names.end(), [&](const std::string& name) {
      switch (r.kind) {
        case Remark::Kind::kStart:
        case Remark::Kind::kStartList:
        case Remark::Kind::kStartParam:
        case Remark::Kind::kZone:
          return states_.count(name) > 0;
        default:
          return parameters_.count(name.substr(0, name.find('['))) > 0;
      }
    });
  }

  std::string options() const {
    std::string out;
    for (const Remark& r : recipe_.remarks) {
      if (!wanted(r)) continue;
      if (r.kind == Remark::Kind::kBlocksOption)
        out += fmt::format("option heads_{} = {}\n", r.names[0].substr(2), blocks(r));
    }
    return out;
  }

  std::string remark(const Remark& r) const {
    if (!wanted(r)) return "";
    const std::string names = fmt::format("{}", fmt::join(r.names, ", "));
    switch (r.kind) {
      case Remark::Kind::kStart:
      case Remark::Kind::kStartParam:
        return fmt::format("start {} = {}\n", names, r.text);
      case Remark::Kind::kStartList:
        return fmt::format("start {} = {}\n", names, numbers(r.names[0], size(r.rows)));
      case Remark::Kind::kInit:
        return fmt::format("init {} = {}\n", names, r.text);
      case Remark::Kind::kBlocks:
        return fmt::format("where {} = block_diagonal({})\n", names, blocks(r));
      case Remark::Kind::kBlocksOption:
        return fmt::format("where {} = block_diagonal(heads_{})\n", names, r.names[0].substr(2));
      case Remark::Kind::kUpper:
        return fmt::format("where {} = block_upper({})\n", names, blocks(r));
      case Remark::Kind::kZone:
        return r.names.size() > 1 ? fmt::format("zone ({})\n", names) : fmt::format("zone {}\n", names);
    }
    return "";
  }

  std::string sizes() const {
    std::string out;
    std::map<int, std::vector<std::string>> by_class;
    for (const Line& line : recipe_.lines) {
      if (line.type.scalar() || line.loss) continue;
      if (line.type.cls == 0 && !recipe_.declare_sizes) continue;
      by_class[line.type.cls].insert(by_class[line.type.cls].end(), line.names.begin(), line.names.end());
    }
    for (const auto& [cls, names] : by_class) {
      out += fmt::format("size {} = {}\n", fmt::join(names, ", "),
                         cls == 0 ? "units" : fmt::format("width_{}", cls));
    }
    return out;
  }

  static int binding(const Term& t) {
    if (t.kind == Term::Kind::kBinary) return t.text == "+" || t.text == "-" ? 1 : 2;
    if (t.kind == Term::Kind::kNegate || t.kind == Term::Kind::kProduct) return 3;
    return 4;
  }

  std::string expression(const Term& t, int least) const {
    const std::string text = bare(t);
    return binding(t) < least ? "(" + text + ")" : text;
  }

  std::string bare(const Term& t) const {
    const bool ascii = recipe_.ascii;
    switch (t.kind) {
      case Term::Kind::kNumber:
      case Term::Kind::kParam:
      case Term::Kind::kConst:
        return t.text;
      case Term::Kind::kName:
        return t.delay ? fmt::format("{}[t-{}]", t.text, t.delay) : t.text;
      case Term::Kind::kNormal:
        return "normal()";
      case Term::Kind::kCall: {
        std::vector<std::string> args;
        for (const Term& a : t.args) args.push_back(expression(a, 0));
        return fmt::format("{}({})", t.text == "sigmoid" && !ascii ? "σ" : t.text, fmt::join(args, ", "));
      }
      case Term::Kind::kEvery:
        return fmt::format("every({}, {}, {})", t.text, expression(t.args[0], 0), expression(t.args[1], 0));
      case Term::Kind::kNegate:
        return "-" + expression(t.args[0], 3);
      case Term::Kind::kBinary: {
        const int mine = binding(t);
        const std::string op = t.text == "*" && !ascii ? "⊙" : t.text;
        return fmt::format("{} {} {}", expression(t.args[0], mine), op, expression(t.args[1], mine + 1));
      }
      case Term::Kind::kProduct: {
        const Term& a = t.args[0];
        const bool plain =
            a.kind == Term::Kind::kName || a.kind == Term::Kind::kList || a.kind == Term::Kind::kAlternative;
        return fmt::format("{}{}{}", t.text, ascii ? " @ " : "·", plain ? bare(a) : "(" + bare(a) + ")");
      }
      case Term::Kind::kList: {
        std::vector<std::string> args;
        for (const Term& a : t.args) args.push_back(expression(a, 0));
        return fmt::format("[{}]", fmt::join(args, ", "));
      }
      case Term::Kind::kAlternative:
        return fmt::format("({} | {})", expression(t.args[0], 0), expression(t.args[1], 0));
    }
    return "";
  }

  const CellRecipe& recipe_;
  std::map<std::string, int> parameters_;
  std::set<std::string> declared_, states_;
  std::map<std::string, SizeType> constants_, clocks_;
};

}  // namespace

std::string recipe_text(const CellRecipe& recipe) { return Writer(recipe).text(); }

CellBinding recipe_binding(const CellRecipe& recipe) {
  CellBinding binding;
  binding.units = recipe.sizes[0];
  for (const InputPort& p : recipe.inputs)
    binding.inputs.push_back(p.present ? recipe.sizes[static_cast<std::size_t>(p.cls)] : 0);
  for (const Line& line : recipe.lines) {
    if (line.type.cls > 0 && !line.loss) {
      binding.sizes[fmt::format("width_{}", line.type.cls)] =
          recipe.sizes[static_cast<std::size_t>(line.type.cls)];
    }
  }
  return binding;
}

int term_count(const CellRecipe& recipe) {
  int count = 0;
  for (const Line& line : recipe.lines) {
    each_term(line.value, [&](const Term&) { ++count; });
  }
  return count;
}

}  // namespace cellwright
