// The sum of the squares of all numbers of some tensors.
#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace banyan {
namespace {

constexpr std::int64_t PIECE = 1 << 14, TOGETHER = 16;

float squares(const float* from, std::int64_t count) {
  Vector sums[4] = {};
  std::int64_t i = 0;
  for (; i + 4 * LANES <= count; i += 4 * LANES)
    for (int j = 0; j < 4; j++) {
      const Vector v = load(from + i + j * LANES);
      sums[j] += v * v;
    }
  float total = sum(sums[0] + sums[1] + (sums[2] + sums[3]));
  for (; i < count; i++) total += from[i] * from[i];
  return total;
}

class SumOfSquares {
 public:
  explicit SumOfSquares(Attributes&) {}

  void compute(Call& call) const {
    std::vector<Tensor> tensors;
    std::vector<std::pair<const float*, std::int64_t>> pieces;
    for (int i = 0; i < call.inputs(); i++) {
      tensors.push_back(call.input(i));
      for (std::int64_t at = 0; at < tensors[i].size(); at += PIECE)
        pieces.emplace_back(tensors[i].data() + at, std::min(PIECE, tensors[i].size() - at));
    }
    std::vector<float> sums(pieces.size());
    parallelEach(static_cast<std::int64_t>(pieces.size()), TOGETHER,
                 [&](std::int64_t i) { sums[i] = squares(pieces[i].first, pieces[i].second); });
    double total = 0;
    for (const float sum : sums) total += sum;
    call.output(0, {}).data()[0] = static_cast<float>(total);
  }
};

}  // namespace

void registerSumOfSquares() {
  define({"BanyanSumOfSquares", {"N: int >= 1"}, {"tensors: N * float"}, {"sum: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).set(0, {}); }});
  implement<SumOfSquares>("BanyanSumOfSquares");
}

}  // namespace banyan
