// A sparsely gated mixture of experts (Shazeer et al. 2017, section 2): tokens are grouped by expert, so the work grows with how many
// experts a token goes through, not with how many there are. An expert is two dense layers without biases, with ReLU between them.
#include <numeric>

#include "fastest.h"
#include "kernels.h"
#include "operation.h"

namespace banyan {
namespace {

constexpr std::int64_t BLOCK = 64;  // Rows that are multiplied at a time.
constexpr std::int64_t RUN = 4;     // Blocks of one expert that a part of the work takes.
// Scratch memory; what all threads write into is the caller's.
constexpr int SHARED = 0, LEFT = 1, FIRST = 2, SECOND = 3, X = 4, DY = 5, HIDDEN = 6, GATED = 7, BAND = 8, RIGHT = 9;

struct Rectified {
  Vector operator()(Vector sums, int) const { return rectify(sums); }
};

// Which tokens go through which expert: the rows of an expert are those from starts[expert] to starts[expert + 1].
struct Groups {
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> slots;  // Of each row: token * k + the number of the expert among those of the token.
  std::vector<std::int64_t> rows;   // Of each slot: its row, or -1 where the gate is 0.

  Groups(const Tensor& gates, const Tensor& chosen)
      : starts(gates.shape()[1] + 1, 0), rows(chosen.size(), -1) {
    const std::int64_t experts = gates.shape()[1], k = chosen.shape()[1];
    const auto expertOf = [&](std::int64_t slot) { return chosen.integers()[slot]; };
    const auto passes = [&](std::int64_t slot) { return gates.data()[slot / k * experts + expertOf(slot)] != 0; };
    for (std::int64_t slot = 0; slot < chosen.size(); slot++) {
      expect(expertOf(slot) >= 0 && expertOf(slot) < experts, "chosen experts that there are");
      if (passes(slot)) starts[expertOf(slot) + 1]++;
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    slots.resize(starts.back());
    std::vector<std::int64_t> next(starts.begin(), starts.end() - 1);
    for (std::int64_t slot = 0; slot < chosen.size(); slot++) {
      if (!passes(slot)) continue;
      rows[slot] = next[expertOf(slot)]++;
      slots[rows[slot]] = slot;
    }
  }

  std::int64_t count(std::int64_t expert) const { return starts[expert + 1] - starts[expert]; }
};

// The sizes of a mixture, checked.
struct Sizes {
  const std::int64_t tokens, width, experts, hidden, k;

  Sizes(const Tensor& x, const Tensor& gates, const Tensor& chosen, const Tensor& first, const Tensor& second)
      : tokens(at(x, 0)), width(at(x, 1)), experts(at(gates, 1)), hidden(at(first, 2)), k(at(chosen, 1)) {
    expect(x.shape() == Shape{tokens, width} && gates.shape() == Shape{tokens, experts} &&
               chosen.shape() == Shape{tokens, k} && first.shape() == Shape{experts, width, hidden} &&
               second.shape() == Shape{experts, hidden, width} && k >= 1,
           "x [tokens, width], gates [tokens, experts], chosen [tokens, k], kernels [experts, width, hidden] and "
           "[experts, hidden, width]");
  }

 private:
  static std::int64_t at(const Tensor& tensor, std::size_t axis) {
    return axis < tensor.shape().size() ? tensor.shape()[axis] : 0;
  }
};

// Rows of a matrix, one after another as the groups have them. `each`: slots that share a row of it.
inline void gather(const std::int64_t* slots, std::int64_t count, const float* from, std::int64_t each, std::int64_t width,
                   float* to) {
  for (std::int64_t i = 0; i < count; i++) std::copy_n(from + slots[i] / each * width, width, to + i * width);
}

// All panels of a matrix, packed by the thread that needs them.
inline const float* packed(int number, std::int64_t depth, std::int64_t width, const float* matrix, bool transposed) {
  const std::int64_t size = Products::panelSize(depth);
  float* const panels = scratch(number, panelsOf(width) * size);
  for (std::int64_t i = 0; i < panelsOf(width); i++)
    Products::packPanel(i, depth, width, matrix, transposed, panels + i * size);
  return panels;
}

// result [rows, width] = left [rows, depth] times a matrix whose panels are packed; at most BLOCK rows.
template <class Finish>
void multiply(std::int64_t rows, std::int64_t width, std::int64_t depth, const float* left, const float* panels,
              float* result, const Finish& finish) {
  const typename Products::Rows lines(LEFT, rows, depth, left, depth);
  lines.bring(0, 1);
  for (std::int64_t panel = 0; panel < panelsOf(width); panel++)
    Products::template multiplyPanel<false>(rows, std::min(PANEL, width - panel * PANEL), depth, lines.left(),
                                            panels + panel * Products::panelSize(depth), result + panel * PANEL, width,
                                            finish);
}

// result [width, columns] = (or, with ADD, +=) left' right, of `rows` rows each; at most BLOCK.
template <bool ADD>
void multiplyOuter(std::int64_t rows, std::int64_t width, std::int64_t columns, const float* left, const float* right,
                   float* result) {
  const float* const panels = packed(RIGHT, rows, columns, right, false);
  float* const band = scratch(BAND, Products::bandSize(rows));
  for (std::int64_t i = 0; i * Products::BAND < width; i++) {
    Products::packBand(i, rows, width, left, band);
    const std::int64_t row = i * Products::BAND;
    for (std::int64_t panel = 0; panel < panelsOf(columns); panel++)
      Products::template multiplyPanel<ADD>(std::min<std::int64_t>(Products::BAND, width - row),
                                            std::min(PANEL, columns - panel * PANEL), rows, Products::band(band, rows),
                                            panels + panel * Products::panelSize(rows),
                                            result + row * columns + panel * PANEL, columns, AsTheyAre());
  }
}

// to [tokens, width]: for each token the sum of its rows, in the order of its slots.
void addUp(const Groups& groups, const Sizes& sizes, const float* rows, float* to) {
  const std::int64_t width = sizes.width, k = sizes.k;
  parallelEach(sizes.tokens, together(k * width, 1 << 16), [&](std::int64_t token) {
    float* const sum = to + token * width;
    std::fill_n(sum, width, 0.0f);
    for (std::int64_t slot = token * k; slot < (token + 1) * k; slot++) {
      if (groups.rows[slot] < 0) continue;
      const float* const row = rows + groups.rows[slot] * width;
      for (std::int64_t j = 0; j < width; j++) sum[j] += row[j];
    }
  });
}

class Experts {
 public:
  explicit Experts(Attributes&) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), gates = call.input(1), chosen = call.input(2);
    const Tensor first = call.input(3), second = call.input(4);
    const Sizes sizes(x, gates, chosen, first, second);
    const std::int64_t width = sizes.width, depth = sizes.hidden;
    const Tensor y = call.output(0, {sizes.tokens, width}), hidden = call.output(1, {sizes.tokens, sizes.k, depth});
    const Groups groups(gates, chosen);
    const std::int64_t rows = groups.slots.size();
    std::fill_n(hidden.data() + rows * depth, hidden.size() - rows * depth, 0.0f);
    float* const given = scratch(SHARED, rows * width);
    // An expert, and which of its rows.
    struct Part {
      std::int64_t expert, row, count;
    };
    std::vector<Part> parts;
    for (std::int64_t expert = 0; expert < sizes.experts; expert++)
      for (std::int64_t row = groups.starts[expert]; row < groups.starts[expert + 1]; row += RUN * BLOCK)
        parts.push_back({expert, row, std::min(RUN * BLOCK, groups.starts[expert + 1] - row)});
    parallel(parts.size(), [&](std::int64_t index) {
      [[maybe_unused]] const Products products;
      const Part& part = parts[index];
      const float* const into = packed(FIRST, width, depth, first.data() + part.expert * width * depth, false);
      const float* const out = packed(SECOND, depth, width, second.data() + part.expert * width * depth, false);
      float *const tokens = scratch(X, BLOCK * width), *const gated = scratch(GATED, BLOCK * depth);
      for (std::int64_t row = part.row; row < part.row + part.count; row += BLOCK) {
        const std::int64_t count = std::min(BLOCK, part.row + part.count - row);
        const std::int64_t* const slots = groups.slots.data() + row;
        float* const wide = hidden.data() + row * depth;
        gather(slots, count, x.data(), sizes.k, width, tokens);
        multiply(count, depth, width, tokens, into, wide, Rectified());
        for (std::int64_t i = 0; i < count; i++) {
          const float gate = gates.data()[slots[i] / sizes.k * sizes.experts + part.expert];
          for (std::int64_t j = 0; j < depth; j++) gated[i * depth + j] = gate * wide[i * depth + j];
        }
        multiply(count, width, depth, gated, out, given + row * width, AsTheyAre());
      }
    });
    addUp(groups, sizes, given, y.data());
  }
};

// The gradients by x, gates and both kernels. `hidden`: what the experts' first layers gave.
class ExpertsGrad {
 public:
  explicit ExpertsGrad(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0), x = call.input(1), gates = call.input(2), chosen = call.input(3);
    const Tensor first = call.input(4), second = call.input(5), hidden = call.input(6);
    const Sizes sizes(x, gates, chosen, first, second);
    const std::int64_t width = sizes.width, depth = sizes.hidden, size = width * depth;
    expect(dy.shape() == x.shape() && hidden.shape() == Shape{sizes.tokens, sizes.k, depth},
           "dy [tokens, width] and hidden [tokens, k, hidden]");
    const Tensor dx = call.output(0, x.shape()), dGates = call.output(1, gates.shape());
    const Tensor dFirst = call.output(2, first.shape()), dSecond = call.output(3, second.shape());
    const Groups groups(gates, chosen);
    std::fill_n(dGates.data(), dGates.size(), 0.0f);
    float* const given = scratch(SHARED, static_cast<std::int64_t>(groups.slots.size()) * width);
    parallel(sizes.experts, [&](std::int64_t expert) {
      [[maybe_unused]] const Products products;
      float *const dInto = dFirst.data() + expert * size, *const dOut = dSecond.data() + expert * size;
      if (groups.count(expert) == 0) {
        std::fill_n(dInto, size, 0.0f);
        std::fill_n(dOut, size, 0.0f);
        return;
      }
      const float* const out = packed(SECOND, width, depth, second.data() + expert * size, true);
      const float* const into = packed(FIRST, depth, width, first.data() + expert * size, true);
      float *const tokens = scratch(X, BLOCK * width), *const slopes = scratch(DY, BLOCK * width);
      float *const dHidden = scratch(HIDDEN, BLOCK * depth), *const gated = scratch(GATED, BLOCK * depth);
      for (std::int64_t row = groups.starts[expert]; row < groups.starts[expert + 1]; row += BLOCK) {
        const std::int64_t count = std::min(BLOCK, groups.starts[expert + 1] - row);
        const std::int64_t* const slots = groups.slots.data() + row;
        gather(slots, count, x.data(), sizes.k, width, tokens);
        gather(slots, count, dy.data(), sizes.k, width, slopes);
        multiply(count, depth, width, slopes, out, dHidden, AsTheyAre());
        for (std::int64_t i = 0; i < count; i++) {
          const std::int64_t at = slots[i] / sizes.k * sizes.experts + expert;
          const float gate = gates.data()[at];
          const float* const wide = hidden.data() + (row + i) * depth;
          float sum = 0;
          for (std::int64_t j = 0; j < depth; j++) {
            float& slope = dHidden[i * depth + j];
            sum += wide[j] * slope;
            gated[i * depth + j] = gate * wide[j];
            // What is not a number lets the gradient through: it has to show.
            slope = wide[j] <= 0 ? 0 : gate * slope;
          }
          dGates.data()[at] = sum;
        }
        multiply(count, width, depth, dHidden, into, given + row * width, AsTheyAre());
        if (row == groups.starts[expert]) {
          multiplyOuter<false>(count, width, depth, tokens, dHidden, dInto);
          multiplyOuter<false>(count, depth, width, gated, slopes, dOut);
        } else {
          multiplyOuter<true>(count, width, depth, tokens, dHidden, dInto);
          multiplyOuter<true>(count, depth, width, gated, slopes, dOut);
        }
      }
    });
    addUp(groups, sizes, given, dx.data());
  }
};

}  // namespace

void registerExperts() {
  define({"BanyanExperts",
          {},
          {"x: float", "gates: float", "chosen: int32", "first: float", "second: float"},
          {"y: float", "hidden: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.same(0, 0);
            shapes.set(1, {axis(0, 0), axis(2, 1), axis(3, 2)});
          }});
  implement<Experts>("BanyanExperts");
  define({"BanyanExpertsGrad",
          {},
          {"dy: float", "x: float", "gates: float", "chosen: int32", "first: float", "second: float", "hidden: float"},
          {"dx: float", "dgates: float", "dfirst: float", "dsecond: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            for (int output = 0; output < 2; output++) shapes.same(output, output + 1);
            for (int output = 2; output < 4; output++) shapes.same(output, output + 2);
          }});
  implement<ExpertsGrad>("BanyanExpertsGrad");
}

}  // namespace banyan
