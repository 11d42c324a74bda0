// The highest numbers of windows on pictures [batch, height, width, channels], and the gradient, which goes to the first place
// that has the highest number.
#include <algorithm>

#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "scratch.h"
#include "vector.h"

namespace banyan {
namespace {

// to [channels]: the highest numbers of a window of a picture [rows, columns, channels]; not a number where one of them is not.
void highestOf(const float* picture, std::int64_t columns, std::int64_t channels, std::int64_t firstRow, std::int64_t endRow,
               std::int64_t firstColumn, std::int64_t endColumn, float* to) {
  const auto most = [&](std::int64_t c, auto read, auto choose) {
    auto highest = read(picture + (firstRow * columns + firstColumn) * channels + c);
    for (std::int64_t row = firstRow; row < endRow; row++)
      for (std::int64_t column = firstColumn; column < endColumn; column++)
        highest = choose(highest, read(picture + (row * columns + column) * channels + c));
    return highest;
  };
  std::int64_t c = 0;
  for (; c + LANES <= channels; c += LANES)
    store(to + c, most(c, load, [](Vector a, Vector b) { return (b > a) | (b != b) ? b : a; }));
  for (; c < channels; c++)
    to[c] = most(c, [](const float* from) { return *from; }, [](float a, float b) { return b > a || b != b ? b : a; });
}

class Pooling {
 public:
  explicit Pooling(Attributes& attributes)
      : windowHeight(attributes.integer("window_height")),
        windowWidth(attributes.integer("window_width")),
        stepDown(attributes.integer("step_down")),
        stepRight(attributes.integer("step_right")),
        top(attributes.integer("top")),
        left(attributes.integer("left")),
        height(attributes.integer("height")),
        width(attributes.integer("width")) {}

 protected:
  // work(place in the result, example, the window's first and last rows and columns that are in the picture)
  template <class Work>
  void eachWindow(const Shape& pictures, const Work& work) const {
    const std::int64_t size = pictures[1] * pictures[2] * pictures[3];
    parallelEach(pictures[0], together(size, 1 << 17), [&](std::int64_t example) {
      for (std::int64_t y = 0; y < height; y++)
        for (std::int64_t x = 0; x < width; x++) {
          const std::int64_t firstRow = y * stepDown - top, firstColumn = x * stepRight - left;
          work((example * height + y) * width + x, example, std::max<std::int64_t>(0, firstRow),
               std::min(pictures[1], firstRow + windowHeight), std::max<std::int64_t>(0, firstColumn),
               std::min(pictures[2], firstColumn + windowWidth));
        }
    });
  }

  const std::int64_t windowHeight, windowWidth, stepDown, stepRight, top, left, height, width;
};

class MaxPooling : Pooling {
 public:
  using Pooling::Pooling;

  void compute(Call& call) const {
    const Tensor x = call.input(0);
    expect(x.shape().size() == 4, "pictures [batch, height, width, channels]");
    const std::int64_t channels = x.shape()[3], columns = x.shape()[2];
    const Tensor y = call.output(0, {x.shape()[0], height, width, channels});
    eachWindow(x.shape(), [&](std::int64_t place, std::int64_t example, std::int64_t firstRow, std::int64_t endRow,
                              std::int64_t firstColumn, std::int64_t endColumn) {
      const float* const picture = x.data() + example * x.shape()[1] * columns * channels;
      highestOf(picture, columns, channels, firstRow, endRow, firstColumn, endColumn, y.data() + place * channels);
    });
  }
};

// With `gated`, through ReLU before the pooling too: what is not above 0 gets none.
class MaxPoolingGrad : Pooling {
 public:
  explicit MaxPoolingGrad(Attributes& attributes) : Pooling(attributes), gated(attributes.truth("gated")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), y = call.input(1), dy = call.input(2);
    expect(x.shape().size() == 4 && y.shape() == Shape{x.shape()[0], height, width, x.shape()[3]} && dy.shape() == y.shape(),
           "pictures [batch, height, width, channels], and what was made of them");
    const std::int64_t channels = x.shape()[3], columns = x.shape()[2];
    const Tensor dx = call.output(0, x.shape());
    // Windows side by side leave one gradient to each number, and mostly one to all of them.
    const auto give = gated ? MaxPoolingGrad::give<true> : MaxPoolingGrad::give<false>;
    const bool apart = stepDown >= windowHeight && stepRight >= windowWidth;
    const bool all = stepDown <= windowHeight && stepRight <= windowWidth && top + x.shape()[1] <= height * stepDown &&
                     left + columns <= width * stepRight;
    if (!apart || !all) std::fill_n(dx.data(), dx.size(), 0.0f);
    eachWindow(x.shape(), [&](std::int64_t place, std::int64_t example, std::int64_t firstRow, std::int64_t endRow,
                              std::int64_t firstColumn, std::int64_t endColumn) {
      const float* const most = y.data() + place * channels;
      // The gradient that has found no place yet.
      float* const rest = scratch(0, channels);
      std::copy_n(dy.data() + place * channels, channels, rest);
      for (std::int64_t row = firstRow; row < endRow; row++)
        for (std::int64_t column = firstColumn; column < endColumn; column++) {
          const std::int64_t at = ((example * x.shape()[1] + row) * columns + column) * channels;
          give(!apart, channels, x.data() + at, most, rest, dx.data() + at);
        }
    });
  }

 private:
  template <bool GATED>
  static void give(bool add, std::int64_t channels, const float* __restrict x, const float* __restrict most,
                   float* __restrict rest, float* __restrict dx) {
    for (std::int64_t c = 0; c < channels; c++) {
      // What is not a number lets the gradient through: it has to show.
      const bool here = x[c] == most[c] || x[c] != x[c], open = !GATED || !(x[c] <= 0);
      const float passed = here && open ? rest[c] : 0.0f;
      dx[c] = add ? dx[c] + passed : passed;
      rest[c] = here ? 0.0f : rest[c];
    }
  }

  const bool gated;
};

const std::vector<const char*> SIZES = {"window_height: int", "window_width: int", "step_down: int", "step_right: int",
                                        "top: int",           "left: int",         "height: int",    "width: int"};

}  // namespace

void registerPooling() {
  // The result's shape stands in the attributes, which are not known here.
  define({"BanyanMaxPooling", SIZES, {"x: float"}, {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).unknown(); }});
  implement<MaxPooling>("BanyanMaxPooling");
  std::vector<const char*> attributes = SIZES;
  attributes.push_back("gated: bool");
  define({"BanyanMaxPoolingGrad", attributes, {"x: float", "y: float", "dy: float"}, {"dx: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 0); }});
  implement<MaxPoolingGrad>("BanyanMaxPoolingGrad");
}

}  // namespace banyan
