// A linear layer on few rows, y = x w + bias with or without ReLU, and its gradient. Its time is that of reading the kernel, so that
// is read once, as it lies: numbers of its rows that follow each other go to one thread.
#include "kernels.h"
#include "operation.h"
#include "product.h"

namespace banyan {
namespace {

constexpr std::int64_t SHARE = 1 << 17;  // Numbers of a kernel for which another thread is woken.
constexpr std::int64_t MOST_PARTS = 16;
constexpr std::int64_t NEAR = 64;  // Rows of a kernel that are worked on at a time.
constexpr int SUMS = 0, SLOPES = 1, ROWS = 2, MADE = 3;  // Rooms.

// work(part, first row of a kernel, row after the last), in parts that follow from its size.
std::int64_t partsOf(std::int64_t inputs, std::int64_t outputs) {
  return std::clamp<std::int64_t>(inputs * outputs / SHARE, 1, std::min(MOST_PARTS, std::max<std::int64_t>(1, inputs)));
}

// Rows of a matrix, filled up with zeros to whole vectors where they are not such.
struct Whole {
  const float* data;
  std::int64_t stride;

  Whole(const float* matrix, std::int64_t rows, std::int64_t width, int number) : data(matrix), stride(width) {
    if (width % LANES == 0) return;
    stride = roundUp(width);
    float* const to = room(number, rows * stride);
    std::fill_n(to, rows * stride, 0.0f);
    for (std::int64_t i = 0; i < rows; i++) std::copy_n(matrix + i * width, width, to + i * stride);
    data = to;
  }
};

class FewRows {
 public:
  explicit FewRows(Attributes& attributes) : rectified(attributes.truth("rectified")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), kernel = call.input(1), bias = call.input(2);
    expect(x.shape().size() == 2 && kernel.shape().size() == 2 && kernel.shape()[0] == x.shape()[1] &&
               (bias.size() == kernel.shape()[1] || bias.size() == 0),
           "x [rows, inputs], a kernel [inputs, outputs] and a bias [outputs] or [0]");
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = kernel.shape()[1], wide = roundUp(outputs);
    const Tensor y = call.output(0, {rows, outputs});
    const std::int64_t parts = partsOf(inputs, outputs);
    float* const sums = room(SUMS, parts * rows * wide);
    parallel(parts, [&](std::int64_t part) {
      float* const own = sums + part * rows * wide;
      std::fill_n(own, rows * wide, 0.0f);
      const std::int64_t end = inputs * (part + 1) / parts;
      for (std::int64_t k = inputs * part / parts; k < end; k += NEAR) {
        const std::int64_t count = std::min(NEAR, end - k);
        const Whole right(kernel.data() + k * outputs, count, outputs, ROWS);
        multiply<true>(rows, wide, count, Strided{x.data() + k, inputs, 1}, right.data, right.stride, own, wide);
      }
    });
    for (std::int64_t i = 0; i < rows; i++)
      for (std::int64_t j = 0; j < outputs; j++) {
        float total = bias.size() == 0 ? 0 : bias.data()[j];
        for (std::int64_t part = 0; part < parts; part++) total += sums[(part * rows + i) * wide + j];
        y.data()[i * outputs + j] = rectified && total < 0 ? 0 : total;
      }
  }

 private:
  const bool rectified;
};

// dx = dz w', dw = x' dz and dbias = the sum of dz's rows, where dz is dy; if y is the result of ReLU (the gate), only where it
// let something through.
class FewRowsGrad {
 public:
  explicit FewRowsGrad(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0), x = call.input(1), kernel = call.input(2), gate = call.input(3);
    expect(dy.shape().size() == 2 && x.shape().size() == 2 && dy.shape()[0] == x.shape()[0] &&
               kernel.shape() == Shape{x.shape()[1], dy.shape()[1]} && (gate.size() == 0 || gate.size() == dy.size()),
           "dy [rows, outputs], x [rows, inputs], a kernel [inputs, outputs] and a gate [rows, outputs] or [0]");
    const std::int64_t rows = x.shape()[0], inputs = x.shape()[1], outputs = dy.shape()[1], wide = roundUp(outputs);
    const Tensor dx = call.output(0, x.shape()), dKernel = call.output(1, kernel.shape()), dBias = call.output(2, {outputs});
    float* const slopes = room(SLOPES, rows * wide);
    std::fill_n(slopes, rows * wide, 0.0f);
    std::fill_n(dBias.data(), outputs, 0.0f);
    for (std::int64_t i = 0; i < rows; i++)
      for (std::int64_t j = 0; j < outputs; j++) {
        const std::int64_t at = i * outputs + j;
        // What is not a number lets the gradient through: it has to show.
        slopes[i * wide + j] = gate.size() > 0 && gate.data()[at] <= 0 ? 0 : dy.data()[at];
        dBias.data()[j] += slopes[i * wide + j];
      }
    const std::int64_t parts = partsOf(inputs, outputs);
    parallel(parts, [&](std::int64_t part) {
      const std::int64_t end = inputs * (part + 1) / parts;
      for (std::int64_t k = inputs * part / parts; k < end; k += NEAR) {
        const std::int64_t count = std::min(NEAR, end - k);
        const Whole right(kernel.data() + k * outputs, count, outputs, ROWS);
        for (std::int64_t i = 0; i < rows; i++)
          ofInput(count, wide, slopes + i * wide, right, dx.data() + i * inputs + k);
        float* const to = dKernel.data() + k * outputs;
        const Strided left{x.data() + k, 1, inputs};
        if (wide == outputs) {
          multiply<false>(count, wide, rows, left, slopes, wide, to, outputs);
          continue;
        }
        float* const made = room(MADE, count * wide);
        multiply<false>(count, wide, rows, left, slopes, wide, made, wide);
        for (std::int64_t i = 0; i < count; i++) std::copy_n(made + i * wide, outputs, to + i * outputs);
      }
    });
  }

 private:
  // A row of dx: products of a row of slopes with rows of the kernel, four at a time.
  static void ofInput(std::int64_t count, std::int64_t wide, const float* slopes, const Whole& kernel, float* dx) {
    std::int64_t k = 0;
    for (; k + 4 <= count; k += 4) {
      Vector sums[4] = {};
      for (std::int64_t j = 0; j < wide; j += LANES) {
        const Vector slope = load(slopes + j);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) sums[i] += slope * load(kernel.data + (k + i) * kernel.stride + j);
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) dx[k + i] = sum(sums[i]);
    }
    for (; k < count; k++) {
      Vector sums{};
      for (std::int64_t j = 0; j < wide; j += LANES) sums += load(slopes + j) * load(kernel.data + k * kernel.stride + j);
      dx[k] = sum(sums);
    }
  }
};

}  // namespace

void registerFewRows() {
  define({"BanyanFewRows",
          {"rectified: bool"},
          {"x: float", "kernel: float", "bias: float"},
          {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(1, 1)});
          }});
  implement<FewRows>("BanyanFewRows");
  define({"BanyanFewRowsGrad",
          {},
          {"dy: float", "x: float", "kernel: float", "gate: float"},
          {"dx: float", "dkernel: float", "dbias: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.same(0, 1);
            shapes.same(1, 2);
            shapes.set(2, {axis(2, 1)});
          }});
  implement<FewRowsGrad>("BanyanFewRowsGrad");
}

}  // namespace banyan
