// A linear layer, y = x w + bias with or without ReLU, or on top of something else, and its gradients. The sum for the bias's
// gradient is taken while the product for the kernel's reads the same numbers.
#include "fastest.h"
#include "kernels.h"
#include "operation.h"

namespace banyan {
namespace {

constexpr std::int64_t BLOCK = 64;  // Rows that are multiplied at a time.
constexpr std::int64_t RUN = 8;     // Blocks that a part of the work takes at most, one after another.
constexpr std::int64_t DEEP = 512;  // Numbers of a row whose products are added up in registers.
constexpr std::int64_t CHUNK = 64;  // Rows whose outer products are added up in registers.
constexpr int PANELS = 0, LEFT = 1, RIGHT = 3;  // Scratch memory, two on the left; that of other kernels is free by then.

// A vector at a time where there is a whole panel.
inline void addTo(float* to, const float* a, const float* b, std::int64_t columns) {
  if (columns == PANEL)
#pragma GCC unroll 2
    for (std::int64_t j = 0; j < PANEL; j += LANES) store(to + j, load(a + j) + load(b + j));
  else
    for (std::int64_t j = 0; j < columns; j++) to[j] = a[j] + b[j];
}

// left [rows, depth] times a matrix whose panels [depth, width] are packed, plus biases, if any; on top of `residual`, if any.
// `then(first row, rows, panel, columns)` for each block of the result, which is without what comes after the bias where the
// products are deep.
template <class Then>
void product(std::int64_t rows, std::int64_t width, std::int64_t depth, const float* left, const float* packed,
             float* result, const Biases* biases, const float* residual, const Then& then) {
  const std::int64_t blocks = (rows + BLOCK - 1) / BLOCK, panels = panelsOf(width);
  // Of few blocks, panels go together until there is enough for a thread to do; of many, a thread takes all panels.
  const std::int64_t each =
      blocks < 2 * RUN ? std::clamp<std::int64_t>(together(BLOCK * PANEL * depth), 1, panels) : panels;
  const std::int64_t groups = (panels + each - 1) / each;
  const std::int64_t run = std::clamp<std::int64_t>(blocks / (2 * RUN), 1, RUN), runs = (blocks + run - 1) / run;
  const std::int64_t layers = std::max<std::int64_t>(1, (depth + DEEP - 1) / DEEP);
  parallel(runs * groups, [&](std::int64_t part) {
    [[maybe_unused]] const Products products;
    const std::int64_t group = part % groups * each, last = std::min(panels, group + each);
    const std::int64_t begin = part / groups * run, count = std::min(blocks - begin, run);
    // Of each layer of the depth all blocks, so that the panels stay near.
    const auto productAt = [&](std::int64_t index) {
      const std::int64_t first = (begin + index % count) * BLOCK, from = index / count * DEEP;
      return typename Products::Rows(LEFT + index % 2, std::min(BLOCK, rows - first), std::min(DEEP, depth - from),
                                     left + first * depth + from, depth);
    };
    auto now = productAt(0);
    now.bring(0, 1);
    for (std::int64_t index = 0; index < count * layers; index++) {
      const std::int64_t first = (begin + index % count) * BLOCK, from = index / count * DEEP;
      const std::int64_t height = std::min(BLOCK, rows - first), deep = std::min(DEEP, depth - from);
      const std::int64_t after = std::min(rows, first + 2 * BLOCK), far = std::min(BLOCK, rows - after);
      const bool hasNext = index + 1 < count * layers;
      const auto next = hasNext ? productAt(index + 1) : now;
      for (std::int64_t panel = group; panel < last; panel++) {
        const std::int64_t share = panel - group, shares = last - group;
        if (hasNext) next.bring(share, shares);
        prefetch(left + after * depth + from, far, deep, depth, share, shares);
        const std::int64_t columns = std::min(PANEL, width - panel * PANEL);
        const float* const right = packed + panel * Products::panelSize(depth) + Products::panelSize(from);
        float* const to = result + first * width + panel * PANEL;
        if (from == 0 && residual != nullptr)
          for (std::int64_t i = 0; i < height; i++)
            addTo(to + i * width, residual + (first + i) * width + panel * PANEL, biases->forPanel(panel).bias, columns);
        if (from > 0 || residual != nullptr)
          Products::template multiplyPanel<true>(height, columns, deep, now.left(), right, to, width, AsTheyAre());
        else if (biases != nullptr)
          Products::template multiplyPanel<false>(height, columns, deep, now.left(), right, to, width,
                                                  biases->forPanel(panel, layers == 1));
        else
          Products::template multiplyPanel<false>(height, columns, deep, now.left(), right, to, width, AsTheyAre());
        if (from + deep == depth) then(first, height, panel, columns);
      }
      now = next;
    }
  });
}

// Of so few rows a product is mostly reading the matrix: it is read as it lies, not packed first.
constexpr std::int64_t FEW = 32;
// What it takes to read a number of the matrix, in multiplications with an addition.
constexpr std::int64_t READING = 8;
// Panels that are multiplied at a time.
constexpr std::int64_t SPAN = 4;

// left [rows, depth] times right [depth, width] plus a bias, of few rows; on top of `residual`, if any.
template <bool ADD>
void productOfFew(std::int64_t rows, std::int64_t width, std::int64_t depth, const float* left, const float* right,
                  float* result, const Biases& biases, const float* residual) {
  const Strided rowsOfLeft{left, depth, 1};
  const std::int64_t panels = panelsOf(width);
  const auto finish = [&](std::int64_t panel) {
    if constexpr (ADD)
      return AsTheyAre();
    else
      return biases.forPanel(panel);
  };
  parallelEach((panels + SPAN - 1) / SPAN, together((rows + READING) * SPAN * PANEL * depth), [&](std::int64_t span) {
    const std::int64_t first = span * SPAN, last = std::min(panels, first + SPAN);
    if (ADD)
      for (std::int64_t i = 0; i < rows; i++)
        for (std::int64_t panel = first; panel < last; panel++)
          addTo(result + i * width + panel * PANEL, residual + i * width + panel * PANEL, biases.forPanel(panel).bias,
                std::min(PANEL, width - panel * PANEL));
    // One row has more sums at a time than two vectors, so that none waits for the addition before.
    if (rows == 1 && (first + SPAN) * PANEL <= width) {
      tile<1, 2 * SPAN, ADD>(rowsOfLeft, 0, depth, right + first * PANEL, width, result + first * PANEL, width, finish(first));
      return;
    }
    for (std::int64_t panel = first; panel < last; panel++) {
      const std::int64_t columns = std::min(PANEL, width - panel * PANEL);
      const float* from = right + panel * PANEL;
      std::int64_t stride = width;
      if (columns < PANEL) {
        float* const whole = scratch(PANELS, depth * PANEL);
        packPanel(panel, depth, width, right, false, whole);
        from = whole, stride = PANEL;
      }
      multiplyPanel<ADD>(rows, columns, depth, rowsOfLeft, from, stride, result + panel * PANEL, width, finish(panel));
    }
  });
}

class Linear {
 public:
  explicit Linear(Attributes& attributes) : rectified(attributes.truth("rectified")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), kernel = call.input(1), bias = call.input(2), residual = call.input(3);
    expect(x.shape().size() == 2 && kernel.shape().size() == 2 && kernel.shape()[0] == x.shape()[1] &&
               (bias.size() == kernel.shape()[1] || bias.size() == 0),
           "x [rows, inputs], a kernel [inputs, outputs] and a bias [outputs] or [0]");
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = kernel.shape()[1];
    expect(residual.size() == 0 || (residual.shape() == Shape{rows, outputs} && !rectified),
           "a residual [rows, outputs] or [0], and no ReLU after it");
    const Tensor y = call.output(0, {rows, outputs});
    const Biases biases(bias.data(), bias.size(), outputs, rectified);
    if (rows <= FEW) {
      if (residual.size() == 0)
        productOfFew<false>(rows, outputs, inputs, x.data(), kernel.data(), y.data(), biases, nullptr);
      else
        productOfFew<true>(rows, outputs, inputs, x.data(), kernel.data(), y.data(), biases, residual.data());
      return;
    }
    const float* const panels = packPanels<Products>(PANELS, inputs, outputs, kernel.data(), false);
    product(rows, outputs, inputs, x.data(), panels, y.data(), &biases, residual.size() == 0 ? nullptr : residual.data(),
            [&](std::int64_t first, std::int64_t count, std::int64_t panel, std::int64_t columns) {
      if (!rectified || inputs <= DEEP) return;
      for (std::int64_t i = first; i < first + count; i++) {
        float* const row = y.data() + i * outputs + panel * PANEL;
        for (std::int64_t j = 0; j < columns; j++) row[j] = row[j] < 0 ? 0 : row[j];
      }
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
    const float* const panels = packPanels<Products>(PANELS, outputs, inputs, kernel.data(), true);
    product(rows, inputs, outputs, dy.data(), panels, dx.data(), nullptr, nullptr,
            [&](std::int64_t first, std::int64_t count, std::int64_t panel, std::int64_t columns) {
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
    std::fill_n(dBias.data(), outputs, 0.0f);
    if (rows == 0) std::fill_n(dKernel.data(), inputs * outputs, 0.0f);
    // Each thread takes some rows of dw, or some panels where there are more, and packs for itself what it needs.
    // Numbers are added up in the same order however many there are.
    const bool wide = outputs > inputs;
    const std::int64_t panels = panelsOf(outputs), bands = (inputs + Products::BAND - 1) / Products::BAND;
    const std::int64_t pieces = wide ? panels : bands, enough = std::max<std::int64_t>(1, rows * inputs * outputs / ENOUGH);
    const std::int64_t groups = std::min({freeThreads(), pieces, enough}), each = (pieces + groups - 1) / groups;
    parallel(groups, [&](std::int64_t group) {
      const std::int64_t first = group * each, last = std::min(pieces, first + each);
      if (first >= last) return;
      if (wide)
        part(x, dy, dKernel, dBias, 0, bands, first, last);
      else
        part(x, dy, dKernel, dBias, first, last, 0, panels);
    });
  }

 private:
  static void addRows(std::int64_t rows, std::int64_t columns, const float* from, std::int64_t stride, float* sums) {
    float total[PANEL] = {};
    for (std::int64_t i = 0; i < rows; i++)
      if (columns == PANEL)
        for (std::int64_t j = 0; j < PANEL; j++) total[j] += from[i * stride + j];
      else
        for (std::int64_t j = 0; j < columns; j++) total[j] += from[i * stride + j];
    for (std::int64_t j = 0; j < columns; j++) sums[j] += total[j];
  }

  // Some bands of x' times some panels of dy, a chunk of rows after another.
  static void part(const Tensor& x, const Tensor& dy, const Tensor& dKernel, const Tensor& dBias, std::int64_t firstBand,
                   std::int64_t lastBand, std::int64_t firstPanel, std::int64_t lastPanel) {
    [[maybe_unused]] const Products products;
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = dy.shape()[1];
    const std::int64_t bands = lastBand - firstBand, panels = lastPanel - firstPanel;
    const std::int64_t bandSize = Products::bandSize(CHUNK), panelSize = Products::panelSize(CHUNK);
    float *const left = scratch(LEFT, bands * bandSize), *const right = scratch(RIGHT, panels * panelSize);
    for (std::int64_t chunk = 0; chunk < rows; chunk += CHUNK) {
      const std::int64_t count = std::min(CHUNK, rows - chunk), next = chunk + count, ahead = std::min(CHUNK, rows - next);
      const float* const gradient = dy.data() + chunk * outputs;
      for (std::int64_t i = 0; i < bands; i++)
        Products::packBand(firstBand + i, count, inputs, x.data() + chunk * inputs, left + i * bandSize);
      for (std::int64_t j = 0; j < panels; j++) {
        const std::int64_t column = (firstPanel + j) * PANEL;
        Products::packPanel(firstPanel + j, count, outputs, gradient, false, right + j * panelSize);
        if (firstBand == 0)
          addRows(count, std::min(PANEL, outputs - column), gradient + column, outputs, dBias.data() + column);
      }
      for (std::int64_t i = 0; i < bands; i++) {
        const std::int64_t row = (firstBand + i) * Products::BAND, height = std::min(Products::BAND, inputs - row);
        const auto band = Products::band(left + i * bandSize, count);
        prefetch(x.data() + next * inputs, ahead, inputs, inputs, i, bands);
        prefetch(dy.data() + next * outputs, ahead, outputs, outputs, i, bands);
        for (std::int64_t j = 0; j < panels; j++) {
          const std::int64_t column = (firstPanel + j) * PANEL, columns = std::min(PANEL, outputs - column);
          float* const to = dKernel.data() + row * outputs + column;
          const float* const panel = right + j * panelSize;
          if (chunk == 0)
            Products::multiplyPanel<false>(height, columns, count, band, panel, to, outputs, AsTheyAre());
          else
            Products::multiplyPanel<true>(height, columns, count, band, panel, to, outputs, AsTheyAre());
        }
      }
    }
  }
};

}  // namespace

void registerLinear() {
  define({"BanyanLinear",
          {"rectified: bool"},
          {"x: float", "kernel: float", "bias: float", "residual: float"},
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
