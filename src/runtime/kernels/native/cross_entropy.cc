// The cross-entropy of softmax with a target, -sum q log p for each row, and its slope by the logits, p sum q - q.
#include <cmath>
#include <limits>

#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "scratch.h"
#include "vector.h"

namespace banyan {
namespace {

constexpr int LOGITS = 0, TARGET = 1;  // Scratch memory.
constexpr float NOTHING = -100;        // Its exponential is 0.

class CrossEntropy {
 public:
  explicit CrossEntropy(Attributes&) {}

  void compute(Call& call) const {
    const Tensor logits = call.input(0), target = call.input(1);
    expect(logits.shape().size() == 2 && target.shape() == logits.shape(), "logits [rows, classes] and as many targets");
    const std::int64_t rows = logits.shape()[0], classes = logits.shape()[1];
    const Tensor loss = call.output(0, {rows}), slope = call.output(1, logits.shape());
    parallelEach(rows, together(classes, 1 << 15), [&](std::int64_t row) {
      const std::int64_t from = row * classes;
      loss.data()[row] = ofRow(classes, logits.data() + from, target.data() + from, slope.data() + from);
    });
  }

 private:
  static float ofRow(std::int64_t classes, const float* logits, const float* target, float* slope) {
    const std::int64_t wide = roundUp(classes);
    float *const x = scratch(LOGITS, wide), *const q = scratch(TARGET, wide);
    std::copy_n(logits, classes, x);
    std::copy_n(target, classes, q);
    std::fill_n(x + classes, wide - classes, -std::numeric_limits<float>::infinity());
    std::fill_n(q + classes, wide - classes, 0.0f);
    Vector most = load(x);
    for (std::int64_t j = LANES; j < wide; j += LANES) most = higher(most, load(x + j));
    const float top = highest(most);
    for (std::int64_t j = 0; j < wide; j += LANES) store(x + j, load(x + j) - top);
    std::fill_n(x + classes, wide - classes, NOTHING);
    Vector powers{}, shares{}, products{};
    for (std::int64_t j = 0; j < wide; j += LANES) {
      powers += exponential(load(x + j));
      shares += load(q + j);
      products += load(q + j) * load(x + j);
    }
    const float power = sum(powers), share = sum(shares), scale = share / power;
    for (std::int64_t j = 0; j < wide; j += LANES) store(x + j, exponential(load(x + j)) * scale - load(q + j));
    std::copy_n(x, classes, slope);
    return share * std::log(power) - sum(products);
  }
};

}  // namespace

void registerCrossEntropy() {
  define({"BanyanCrossEntropy", {}, {"logits: float", "target: float"}, {"loss: float", "slope: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0)});
            shapes.same(1, 0);
          }});
  implement<CrossEntropy>("BanyanCrossEntropy");
}

}  // namespace banyan
