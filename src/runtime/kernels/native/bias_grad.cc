// The gradient of a bias: a sum over all axes but the last.
#include "kernels.h"
#include "operation.h"
#include "rows.h"

namespace banyan {
namespace {

// All axes but the last are rows.
Rows rowsOf(const Tensor& tensor) {
  expect(!tensor.shape().empty(), "a gradient [..., width]");
  const std::int64_t width = tensor.shape().back();
  return {width == 0 ? 0 : tensor.size() / width, width};
}

class BiasGrad {
 public:
  explicit BiasGrad(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0);
    const Rows rows = rowsOf(dy);
    const Tensor dBias = call.output(0, {rows.width});
    std::vector<float> sums(rows.parts() * rows.width);
    rows.eachPart([&](std::int64_t part, std::int64_t first, std::int64_t end) {
      float* const total = sums.data() + part * rows.width;
      for (std::int64_t i = first; i < end; i++) {
        const float* const row = dy.data() + i * rows.width;
        for (std::int64_t j = 0; j < rows.width; j++) total[j] += row[j];
      }
    });
    rows.addUp(sums.data(), dBias.data(), rows.width);
  }
};

}  // namespace

void registerBiasGrad() {
  define({"BanyanBiasGrad", {}, {"dy: float"}, {"dbias: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, -1)});
          }});
  implement<BiasGrad>("BanyanBiasGrad");
}

}  // namespace banyan
