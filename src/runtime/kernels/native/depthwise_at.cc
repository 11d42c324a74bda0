// A causal convolution of each channel at one position of sequences that are written, over the rows that were kept of those before it
// (van den Oord et al. 2016, WaveNet; Paine et al. 2016, "Fast Wavenet Generation Algorithm"). Rows that lie before the first are 0.
#include "kept.h"
#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace banyan {
namespace {

class DepthwiseAt {
 public:
  explicit DepthwiseAt(Attributes& attributes) : dilation(attributes.integer("dilation")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), filter = call.input(1), memory = call.input(2), lines = call.input(3), at = call.input(4);
    const Kept kept(memory, lines, at);
    const std::int64_t width = kept.width, places = width == 0 ? 0 : filter.size() / width;
    expect(x.shape() == Shape{kept.rows, 1, width} && filter.size() == places * width && places >= 1 && dilation >= 1,
           "x [rows, 1, width] and a filter [places, 1, width, 1]");
    expect(kept.slots > std::min(kept.at, (places - 1) * dilation), "a memory of all positions that the filter covers");
    const Tensor y = call.output(0, x.shape());
    // So many positions before this one are seen.
    const std::int64_t seen = std::min(places - 1, kept.at / dilation);
    parallelEach(kept.rows, together((seen + 1) * width), [&](std::int64_t row) {
      float* const now = kept.now(row);
      std::copy_n(x.data() + row * width, width, now);
      const float* rows[MOST];
      float* const to = y.data() + row * width;
      for (std::int64_t done = 0; done <= seen; done += MOST) {
        const std::int64_t count = std::min(MOST, seen + 1 - done);
        for (std::int64_t i = 0; i < count; i++) {
          const std::int64_t back = seen - done - i;
          rows[i] = back == 0 ? now : kept.before(row, kept.at - back * dilation);
        }
        sum(rows, count, filter.data() + (places - 1 - seen + done) * width, width, done > 0, to);
      }
    });
  }

 private:
  static constexpr std::int64_t MOST = 32;  // Places of the filter that are added up at a time.

  // to (+)= the rows, each times its place of the filter.
  static void sum(const float* const* rows, std::int64_t count, const float* filter, std::int64_t width, bool add, float* to) {
    std::int64_t channel = 0;
    for (; channel + LANES <= width; channel += LANES) {
      Vector total = add ? load(to + channel) : Vector{};
      for (std::int64_t i = 0; i < count; i++) total += load(filter + i * width + channel) * load(rows[i] + channel);
      store(to + channel, total);
    }
    for (; channel < width; channel++) {
      float total = add ? to[channel] : 0;
      for (std::int64_t i = 0; i < count; i++) total += filter[i * width + channel] * rows[i][channel];
      to[channel] = total;
    }
  }

  const std::int64_t dilation;
};

}  // namespace

void registerDepthwiseAt() {
  define({"BanyanDepthwiseAt",
          {"dilation: int"},
          {"x: float", "filter: float", "memory: float", "lines: int32", "at: int32"},
          {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 0); }});
  implement<DepthwiseAt>("BanyanDepthwiseAt");
}

}  // namespace banyan
