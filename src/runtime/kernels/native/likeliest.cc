// The symbol of the highest score of each row, but for padding, which is never written; the first of several.
#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace banyan {
namespace {

class Likeliest {
 public:
  explicit Likeliest(Attributes&) {}

  void compute(Call& call) const {
    const Tensor scores = call.input(0);
    expect(scores.shape().size() == 2 && scores.shape()[1] >= 2, "scores [rows, symbols] of padding and of one symbol or more");
    const std::int64_t rows = scores.shape()[0], symbols = scores.shape()[1];
    const Tensor chosen = call.outputOfIntegers(0, {rows});
    parallelEach(rows, together(symbols, 1 << 17), [&](std::int64_t row) {
      chosen.integers()[row] = ofRow(scores.data() + row * symbols, static_cast<std::int32_t>(symbols));
    });
  }

 private:
  static std::int32_t ofRow(const float* scores, std::int32_t symbols) {
    std::int32_t j = 1;
    float top = scores[1];
    if (symbols > LANES) {
      Vector most = load(scores + 1);
      for (j = 1; j + LANES <= symbols; j += LANES) most = higher(most, load(scores + j));
      top = highest(most);
    }
    for (; j < symbols; j++) top = higher(top, scores[j]);
    for (j = 1; j < symbols; j++)
      if (scores[j] == top) return j;
    return 1;  // Where some are not numbers.
  }
};

}  // namespace

void registerLikeliest() {
  define({"BanyanLikeliest", {}, {"scores: float"}, {"symbols: int32"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).set(0, {axis(0, 0)}); }});
  implement<Likeliest>("BanyanLikeliest");
}

}  // namespace banyan
