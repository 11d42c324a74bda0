// A linear layer, y = x w + bias with or without ReLU, and its gradients. The sum for the bias's gradient is taken while the
// product for the kernel's reads the same numbers.
#include "kernels.h"
#include "operation.h"
#include "product.h"

namespace banyan {
namespace {

constexpr std::int64_t BLOCK = 64;   // Rows that a part of the work takes at a time.
constexpr std::int64_t CHUNK = 64;   // Rows whose outer products are added up in registers.
constexpr std::int64_t BUNDLE = 16;  // Tiles that are packed at a time.
constexpr int PANELS = 0, LEFT = 1;  // Rooms; those of other kernels are free by then.

// Has numbers brought near, while the processor is busy with what is here; a share of them at a time.
inline void prefetch(const float* from, std::int64_t count, std::int64_t share, std::int64_t shares) {
  for (std::int64_t i = count * share / shares; i < count * (share + 1) / shares; i += LINE / 4)
    __builtin_prefetch(from + i, 0, 2);
}

// work(first row, rows, panel, its columns) for all of a result [rows, width] of a left matrix [rows, depth].
template <class Work>
void eachBlock(std::int64_t rows, std::int64_t width, std::int64_t depth, const float* left, const Work& work) {
  const std::int64_t blocks = (rows + BLOCK - 1) / BLOCK, panels = panelsOf(width);
  // Panels go together until there is enough for a thread to do.
  const std::int64_t each = std::clamp<std::int64_t>(together(BLOCK * PANEL * depth), 1, panels);
  const std::int64_t groups = (panels + each - 1) / each;
  parallel(blocks * groups, [&](std::int64_t part) {
    const std::int64_t first = part / groups * BLOCK, group = part % groups * each, last = std::min(panels, group + each);
    const std::int64_t count = std::min(BLOCK, rows - first), next = first + BLOCK;
    for (std::int64_t panel = group; panel < last; panel++) {
      if (next < rows)
        prefetch(left + next * depth, std::min(BLOCK, rows - next) * depth, panel - group, last - group);
      work(first, count, panel, std::min(PANEL, width - panel * PANEL));
    }
  });
}

class Linear {
 public:
  explicit Linear(Attributes& attributes) : rectified(attributes.truth("rectified")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), kernel = call.input(1), bias = call.input(2);
    expect(x.shape().size() == 2 && kernel.shape().size() == 2 && kernel.shape()[0] == x.shape()[1] &&
               (bias.size() == kernel.shape()[1] || bias.size() == 0),
           "x [rows, inputs], a kernel [inputs, outputs] and a bias [outputs] or [0]");
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = kernel.shape()[1];
    const Tensor y = call.output(0, {rows, outputs});
    const float* const panels = packPanels(PANELS, inputs, outputs, kernel.data(), false);
    const Biases biases(bias.data(), bias.size(), outputs, rectified);
    eachBlock(rows, outputs, inputs, x.data(),
              [&](std::int64_t first, std::int64_t count, std::int64_t panel, std::int64_t columns) {
      multiplyPanel<false>(count, columns, inputs, Strided{x.data() + first * inputs, inputs, 1},
                           panels + panel * inputs * PANEL, y.data() + first * outputs + panel * PANEL, outputs,
                           biases.of(panel));
    });
  }

 private:
  const bool rectified;
};

// dx = dy w'; where x is the result of ReLU (the gate), only where it let something through.
class LinearGradOfInput {
 public:
  explicit LinearGradOfInput(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0), kernel = call.input(1), gate = call.input(2);
    expect(dy.shape().size() == 2 && kernel.shape().size() == 2 && kernel.shape()[1] == dy.shape()[1] &&
               (gate.size() == 0 || gate.size() == dy.shape()[0] * kernel.shape()[0]),
           "dy [rows, outputs], a kernel [inputs, outputs] and a gate [rows, inputs] or [0]");
    const std::int64_t rows = dy.shape()[0], outputs = dy.shape()[1], inputs = kernel.shape()[0];
    const Tensor dx = call.output(0, {rows, inputs});
    const float* const panels = packPanels(PANELS, outputs, inputs, kernel.data(), true);
    eachBlock(rows, inputs, outputs, dy.data(),
              [&](std::int64_t first, std::int64_t count, std::int64_t panel, std::int64_t columns) {
      multiplyPanel<false>(count, columns, outputs, Strided{dy.data() + first * outputs, outputs, 1},
                           panels + panel * outputs * PANEL, dx.data() + first * inputs + panel * PANEL, inputs,
                           AsTheyAre());
      if (gate.size() == 0) return;
      for (std::int64_t i = first; i < first + count; i++) {
        const std::int64_t at = i * inputs + panel * PANEL;
        // What is not a number lets the gradient through: it has to show.
        for (std::int64_t j = at; j < at + columns; j++) dx.data()[j] = gate.data()[j] <= 0 ? 0 : dx.data()[j];
      }
    });
  }
};

// dw = x' dy; dbias = the sum of dy's rows
class LinearGradOfKernel {
 public:
  explicit LinearGradOfKernel(Attributes&) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), dy = call.input(1);
    expect(x.shape().size() == 2 && dy.shape().size() == 2 && dy.shape()[0] == x.shape()[0],
           "x [rows, inputs] and dy [rows, outputs]");
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = dy.shape()[1];
    const Tensor dKernel = call.output(0, {inputs, outputs}), dBias = call.output(1, {outputs});
    const std::int64_t tiles = (inputs + TILE - 1) / TILE;
    // Each thread takes some rows of dw, and packs dy for itself. Numbers are added up in the same order however many there are.
    const std::int64_t enough = std::max<std::int64_t>(1, rows * inputs * outputs / ENOUGH);
    const std::int64_t groups = std::min({freeThreads(), tiles, enough}), each = (tiles + groups - 1) / groups;
    parallel(groups, [&](std::int64_t group) {
      some(x, dy, dKernel, group * each, std::min(tiles, (group + 1) * each), group == 0 ? dBias.data() : nullptr);
    });
  }

 private:
  static void addRows(std::int64_t rows, std::int64_t columns, const float* panel, float* sums) {
    float total[PANEL];
    std::copy_n(panel, PANEL, total);
    for (std::int64_t i = 1; i < rows; i++)
      for (std::int64_t j = 0; j < PANEL; j++) total[j] += panel[i * PANEL + j];
    for (std::int64_t j = 0; j < columns; j++) sums[j] += total[j];
  }

  static void some(const Tensor& x, const Tensor& dy, const Tensor& dKernel, std::int64_t firstTile, std::int64_t lastTile,
                   float* dBias) {
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = dy.shape()[1], panels = panelsOf(outputs);
    float* const right = room(PANELS, panels * CHUNK * PANEL);
    float* const left = room(LEFT, BUNDLE * CHUNK * TILE);
    if (dBias != nullptr) std::fill_n(dBias, outputs, 0.0f);
    if (rows == 0) std::fill_n(dKernel.data(), inputs * outputs, 0.0f);
    for (std::int64_t chunk = 0; chunk < rows; chunk += CHUNK) {
      const std::int64_t count = std::min(CHUNK, rows - chunk);
      for (std::int64_t panel = 0; panel < panels; panel++) {
        float* const to = right + panel * CHUNK * PANEL;
        packPanel(panel, count, outputs, dy.data() + chunk * outputs, false, to);
        if (dBias != nullptr) addRows(count, std::min(PANEL, outputs - panel * PANEL), to, dBias + panel * PANEL);
      }
      for (std::int64_t bundle = firstTile; bundle < lastTile; bundle += BUNDLE) {
        const std::int64_t tiles = std::min(BUNDLE, lastTile - bundle);
        packTiles(count, inputs, bundle, tiles, x.data() + chunk * inputs, left);
        for (std::int64_t i = 0; i < tiles; i++) {
          const std::int64_t first = (bundle + i) * TILE, height = std::min<std::int64_t>(TILE, inputs - first);
          const Strided turned{left + i * CHUNK * TILE, 1, TILE};
          for (std::int64_t panel = 0; panel < panels; panel++) {
            const std::int64_t columns = std::min(PANEL, outputs - panel * PANEL);
            float* const to = dKernel.data() + first * outputs + panel * PANEL;
            const float* const of = right + panel * CHUNK * PANEL;
            if (chunk == 0)
              multiplyPanel<false>(height, columns, count, turned, of, to, outputs, AsTheyAre());
            else
              multiplyPanel<true>(height, columns, count, turned, of, to, outputs, AsTheyAre());
          }
        }
      }
    }
  }

  // Columns of some rows as tiles [CHUNK, TILE]; row by row, as they lie in memory.
  static void packTiles(std::int64_t rows, std::int64_t inputs, std::int64_t first, std::int64_t tiles, const float* x,
                        float* left) {
    for (std::int64_t i = 0; i < rows; i++) {
      const float* const row = x + i * inputs;
      for (std::int64_t tile = 0; tile < tiles; tile++) {
        float* const to = left + (tile * CHUNK + i) * TILE;
        const std::int64_t from = (first + tile) * TILE;
        if (from + TILE <= inputs)
          std::memcpy(to, row + from, TILE * sizeof(float));
        else
          std::copy_n(row + from, inputs - from, to);
      }
    }
  }
};

}  // namespace

void registerLinear() {
  define({"BanyanLinear",
          {"rectified: bool"},
          {"x: float", "kernel: float", "bias: float"},
          {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(1, 1)});
          }});
  implement<Linear>("BanyanLinear");
  define({"BanyanLinearGradOfInput", {}, {"dy: float", "kernel: float", "gate: float"}, {"dx: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(1, 0)});
          }});
  implement<LinearGradOfInput>("BanyanLinearGradOfInput");
  define({"BanyanLinearGradOfKernel", {}, {"x: float", "dy: float"}, {"dkernel: float", "dbias: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 1), axis(1, 1)});
            shapes.set(1, {axis(1, 1)});
          }});
  implement<LinearGradOfKernel>("BanyanLinearGradOfKernel");
}

}  // namespace banyan
