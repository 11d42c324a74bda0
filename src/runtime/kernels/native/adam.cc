// An update of Adam (Kingma and Ba 2015, algorithm 1): what weights and the means of gradients and of their squares become. It
// changes nothing, so it need not wait for all gradients to be known to be finite, and reads its own while that is near.
#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace banyan {
namespace {

class Adam {
 public:
  explicit Adam(Attributes& attributes) : beta1(attributes.real("beta1")), beta2(attributes.real("beta2")) {}

  void compute(Call& call) const {
    const Tensor weights = call.input(0), mean = call.input(1), square = call.input(2), gradient = call.input(3);
    const Tensor rate = call.input(4), epsilon = call.input(5);
    expect(mean.size() == weights.size() && square.size() == weights.size() && gradient.size() == weights.size() &&
               rate.size() == 1 && epsilon.size() == 1,
           "as many means, squares and gradients as weights, a rate and an epsilon");
    const float *const w = weights.data(), *const m = mean.data(), *const v = square.data(), *const g = gradient.data();
    const Tensor weightsAfter = call.output(0, weights.shape()), meanAfter = call.output(1, weights.shape());
    const Tensor squareAfter = call.output(2, weights.shape());
    const float r = rate.data()[0], e = epsilon.data()[0];
    const std::int64_t vectors = (weights.size() + LANES - 1) / LANES;
    parallelEach(vectors, together(LANES, 1 << 17), [&](std::int64_t vector) {
      const std::int64_t at = vector * LANES, count = std::min<std::int64_t>(LANES, weights.size() - at);
      const auto take = [&](const float* from) { return count == LANES ? load(from + at) : some(from + at, count); };
      const Vector slope = take(g), before = take(m), squares = take(v);
      const Vector first = before + (slope - before) * (1 - beta1);
      const Vector second = squares + (slope * slope - squares) * (1 - beta2);
      const Vector after = take(w) - first * r / (squareRoot(second) + e);
      const auto give = [&](float* to, const Vector& x) { std::memcpy(to + at, &x, count * sizeof(float)); };
      give(weightsAfter.data(), after);
      give(meanAfter.data(), first);
      give(squareAfter.data(), second);
    });
  }

 private:
  static Vector some(const float* from, std::int64_t count) {
    Vector x{};
    std::memcpy(&x, from, count * sizeof(float));
    return x;
  }

  const float beta1, beta2;
};

}  // namespace

void registerAdam() {
  define({"BanyanAdam",
          {"beta1: float", "beta2: float"},
          {"weights: float", "mean: float", "square: float", "gradient: float", "rate: float", "epsilon: float"},
          {"weights_after: float", "mean_after: float", "square_after: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            for (int output = 0; output < 3; output++) shapes.same(output, 0);
          }});
  implement<Adam>("BanyanAdam");
}

}  // namespace banyan
