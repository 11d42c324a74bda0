// Layer normalisation over the last axis (Ba et al. 2016) and its gradient, each in one pass over memory.
#include "kernels.h"
#include "operation.h"
#include "rows.h"

namespace banyan {
namespace {

// f(j, vector) over a row's whole vectors, then g(j) over the rest.
template <class Whole, class Rest>
inline void sweep(std::int64_t width, const Whole& whole, const Rest& rest) {
  std::int64_t j = 0;
  for (; j + LANES <= width; j += LANES) whole(j);
  for (; j < width; j++) rest(j);
}

class LayerNorm {
 public:
  explicit LayerNorm(Attributes& attributes) : epsilon(attributes.real("epsilon")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), gain = call.input(1), bias = call.input(2);
    expect(x.shape().size() == 2 && gain.size() == x.shape()[1] && bias.size() == gain.size(),
           "x [rows, width], gain [width] and bias [width]");
    const Rows rows{x.shape()[0], x.shape()[1]};
    const Tensor y = call.output(0, x.shape()), statistics = call.output(1, {rows.count, 2});
    rows.eachPart([&](std::int64_t, std::int64_t first, std::int64_t end) {
      for (std::int64_t i = first; i < end; i++)
        row(rows.width, x.data() + i * rows.width, gain.data(), bias.data(), y.data() + i * rows.width,
            statistics.data() + 2 * i);
    });
  }

 private:
  void row(std::int64_t width, const float* x, const float* gain, const float* bias, float* y, float* statistics) const {
    Vector sums{};
    float rest = 0;
    sweep(width, [&](auto j) { sums += load(x + j); }, [&](auto j) { rest += x[j]; });
    const float mean = (sum(sums) + rest) / width;
    sums = Vector{};
    rest = 0;
    sweep(
        width,
        [&](auto j) {
          const Vector centred = load(x + j) - mean;
          sums += centred * centred;
        },
        [&](auto j) { rest += (x[j] - mean) * (x[j] - mean); });
    const float inverse = 1 / std::sqrt((sum(sums) + rest) / width + epsilon);
    sweep(
        width, [&](auto j) { store(y + j, (load(x + j) - mean) * inverse * load(gain + j) + load(bias + j)); },
        [&](auto j) { y[j] = (x[j] - mean) * inverse * gain[j] + bias[j]; });
    statistics[0] = mean;
    statistics[1] = inverse;
  }

  const float epsilon;
};

// With n the normalised x and g = dy gain: dx = (g - mean(g) - n mean(g n)) / deviation.
class LayerNormGrad {
 public:
  explicit LayerNormGrad(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0), x = call.input(1), gain = call.input(2), statistics = call.input(3);
    expect(x.shape().size() == 2 && dy.shape() == x.shape() && gain.size() == x.shape()[1] &&
               statistics.size() == 2 * x.shape()[0],
           "dy and x [rows, width], gain [width] and statistics [rows, 2]");
    const Rows rows{x.shape()[0], x.shape()[1]};
    const std::int64_t width = rows.width;
    const Tensor dx = call.output(0, x.shape()), dGain = call.output(1, {width}), dBias = call.output(2, {width});
    std::vector<float> sums(rows.parts() * 2 * width);
    rows.eachPart([&](std::int64_t part, std::int64_t first, std::int64_t end) {
      float* const ofGain = sums.data() + part * 2 * width;
      for (std::int64_t i = first; i < end; i++)
        row(width, dy.data() + i * width, x.data() + i * width, gain.data(), statistics.data() + 2 * i,
            dx.data() + i * width, ofGain, ofGain + width);
    });
    rows.addUp(sums.data(), dGain.data(), 2 * width);
    rows.addUp(sums.data() + width, dBias.data(), 2 * width);
  }

 private:
  static void row(std::int64_t width, const float* dy, const float* x, const float* gain, const float* statistics,
                  float* dx, float* dGain, float* dBias) {
    const float mean = statistics[0], inverse = statistics[1];
    Vector sums{}, products{};
    float restOfSum = 0, restOfProduct = 0;
    sweep(
        width,
        [&](auto j) {
          const Vector d = load(dy + j), normal = (load(x + j) - mean) * inverse, g = d * load(gain + j);
          sums += g;
          products += g * normal;
          store(dGain + j, load(dGain + j) + d * normal);
          store(dBias + j, load(dBias + j) + d);
        },
        [&](auto j) {
          const float normal = (x[j] - mean) * inverse, g = dy[j] * gain[j];
          restOfSum += g;
          restOfProduct += g * normal;
          dGain[j] += dy[j] * normal;
          dBias[j] += dy[j];
        });
    const float meanOfG = (sum(sums) + restOfSum) / width, projection = (sum(products) + restOfProduct) / width;
    sweep(
        width,
        [&](auto j) {
          const Vector normal = (load(x + j) - mean) * inverse;
          store(dx + j, (load(dy + j) * load(gain + j) - meanOfG - normal * projection) * inverse);
        },
        [&](auto j) {
          const float normal = (x[j] - mean) * inverse;
          dx[j] = (dy[j] * gain[j] - meanOfG - normal * projection) * inverse;
        });
  }
};

}  // namespace

void registerLayerNorm() {
  define({"BanyanLayerNorm",
          {"epsilon: float"},
          {"x: float", "gain: float", "bias: float"},
          {"y: float", "statistics: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.same(0, 0);
            shapes.set(1, {axis(0, 0), size(2)});
          }});
  implement<LayerNorm>("BanyanLayerNorm");
  define({"BanyanLayerNormGrad",
          {},
          {"dy: float", "x: float", "gain: float", "statistics: float"},
          {"dx: float", "dgain: float", "dbias: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.same(0, 1);
            shapes.same(1, 2);
            shapes.same(2, 2);
          }});
  implement<LayerNormGrad>("BanyanLayerNormGrad");
}

}  // namespace banyan
