// A convolution of pictures [batch, height, width, channels] and its gradients. Each is a product whose left matrix is never
// written: its rows are windows of padded pictures.
#include "kernels.h"
#include "operation.h"
#include "windows.h"
#ifdef __AMX_TILE__
#include "windows_on_tiles.h"
#endif

namespace banyan {
namespace {

// Sums of a filter's gradient that are added up at the end, and the numbers in all of them.
constexpr std::int64_t MOST_PARTS = 16, MOST_NUMBERS = 1 << 23;
constexpr int FILTER = 0, PICTURE = 1, SUMS = 2, RESULT = 3, GRADIENT = 4;  // Scratch memory; a sight may take what comes after it.

// How windows step, and what is around pictures: zeros, as many as let every place of a picture be seen, or none.
class Stepping {
 public:
  explicit Stepping(Attributes& attributes)
      : down(attributes.integer("step_down")), right(attributes.integer("step_right")), same(attributes.truth("same")) {}

 protected:
  // `filter` [height, width, inputs, outputs] on pictures of `size`.
  Along alongHeight(const Shape& size, const Shape& filter, bool back) const { return along(size[1], filter[0], down, back); }
  Along alongWidth(const Shape& size, const Shape& filter, bool back) const { return along(size[2], filter[1], right, back); }

 private:
  Along along(std::int64_t size, std::int64_t filter, std::int64_t step, bool back) const {
    const std::int64_t places = same ? (size + step - 1) / step : (size - filter) / step + 1;
    // Where the padding is odd, TensorFlow's has one more below and on the right.
    const std::int64_t before = same ? std::max<std::int64_t>(0, (places - 1) * step + filter - size) / 2 : 0;
    return {back ? places : size, back ? size : places, filter, step, before, back};
  }

  const std::int64_t down, right;
  const bool same;
};

void expectPictures(const Shape& pictures, const Shape& filter, std::size_t axis) {
  expect(pictures.size() == 4 && filter.size() == 4 && filter[axis] == pictures[3] && filter[0] > 0 && filter[1] > 0,
         "pictures [batch, height, width, channels] and a filter [height, width, inputs, outputs] for them");
}

// Calls work(a sight of windows on such pictures), as exact on either.
template <class Work>
void withSight(std::int64_t batch, std::int64_t channels, const Along& down, const Along& right, const Work& work) {
#ifdef __AMX_TILE__
  if (WindowsOnTiles::areFor(channels)) return work(WindowsOnTiles(Windows{batch, channels, down, right, WindowsOnTiles::LEAST}));
#endif
  work(WindowsOnVectors(Windows{batch, channels, down, right, WindowsOnVectors::LEAST}));
}

// result [batch, height, width, outputs] of the windows times the filter's numbers, each a matrix [channels, outputs] or, on
// the way back, [outputs, channels].
template <class Sight, class FinishOf>
void convolve(const Sight& sight, const float* pictures, const float* filter, std::int64_t outputs, float* result,
              const FinishOf& finishOf) {
  using Products = typename Sight::Products;
  const Windows& windows = sight.windows;
  const Along &down = windows.down, &right = windows.right;
  const std::int64_t panels = panelsOf(outputs), matrix = Products::panelSize(windows.channels);
  float* const packed = scratch(FILTER, down.filter * right.filter * panels * matrix);
  std::vector<const float*> ofPhase;  // its panels
  float* to = packed;
  for (std::int64_t phase = 0; phase < windows.phases; phase++) {
    ofPhase.push_back(to);
    for (std::int64_t panel = 0; panel < panels; panel++)
      for (const std::int64_t number : windows.numbers(phase)) {
        Products::packPanel(panel, windows.channels, outputs, filter + number * windows.channels * outputs, down.back, to);
        to += matrix;
      }
  }
  ofPhase.push_back(to);
  // Where the rows of a product are those of the result, they are written there.
  const bool direct = sight.width() == right.places() && windows.phases == 1;
  parallelEach(windows.batch * windows.blocks, together(windows.products(outputs)), [&](std::int64_t index) {
    [[maybe_unused]] const Products products;
    const Block block(windows, index);
    const auto seen = sight.see(block, pictures, PICTURE);
    float* const picture = result + block.picture * down.result * right.result * outputs;
    float* const phaseSums = direct ? nullptr : scratch(RESULT, block.rows * sight.width() * PANEL);
    for (std::int64_t phase = 0; phase < windows.phases; phase++)
      for (std::int64_t panel = 0; panel < panels; panel++) {
        const float* const numbers = ofPhase[phase] + (ofPhase[phase + 1] - ofPhase[phase]) / panels * panel;
        const std::int64_t column = panel * PANEL, columns = std::min(PANEL, outputs - column);
        if (direct) {
          float* const rows = picture + block.first * right.result * outputs + column;
          sight.multiply(block, seen, phase, columns, numbers, rows, outputs, finishOf(panel));
          continue;
        }
        sight.multiply(block, seen, phase, PANEL, numbers, phaseSums, PANEL, finishOf(panel));
        for (std::int64_t i = 0; i < block.rows; i++) {
          const std::int64_t y = down.resultOf(phase / right.phases(), block.first + i);
          if (y < 0 || y >= down.result) continue;
          for (std::int64_t j = 0; j < right.places(); j++) {
            const std::int64_t x = right.resultOf(phase % right.phases(), j);
            if (x < 0 || x >= right.result) continue;
            const float* const from = phaseSums + (i * sight.width() + j) * PANEL;
            float* const to = picture + (y * right.result + x) * outputs + column;
            if (columns == PANEL)
              std::memcpy(to, from, PANEL * sizeof(float));
            else
              std::copy_n(from, columns, to);
          }
        }
      }
  });
}

class Convolution : Stepping {
 public:
  explicit Convolution(Attributes& attributes) : Stepping(attributes), rectified(attributes.truth("rectified")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), filter = call.input(1), bias = call.input(2);
    expectPictures(x.shape(), filter.shape(), 2);
    const Along down = alongHeight(x.shape(), filter.shape(), false), right = alongWidth(x.shape(), filter.shape(), false);
    const std::int64_t outputs = filter.shape()[3];
    expect(bias.size() == outputs || bias.size() == 0, "a bias [outputs] or [0]");
    const Tensor y = call.output(0, {x.shape()[0], down.result, right.result, outputs});
    const Biases biases(bias.data(), bias.size(), outputs, rectified);
    withSight(x.shape()[0], x.shape()[3], down, right, [&](const auto& sight) {
      convolve(sight, x.data(), filter.data(), outputs, y.data(), [&](std::int64_t panel) { return biases.forPanel(panel); });
    });
  }

 private:
  const bool rectified;
};

class ConvolutionGradOfInput : Stepping {
 public:
  using Stepping::Stepping;

  void compute(Call& call) const {
    const Tensor sizes = call.input(0), filter = call.input(1), dy = call.input(2);
    expect(sizes.size() == 4, "four sizes of pictures");
    const Shape pictures(sizes.integers(), sizes.integers() + 4);
    expectPictures(pictures, filter.shape(), 2);
    expectPictures(dy.shape(), filter.shape(), 3);
    const Along down = alongHeight(pictures, filter.shape(), true), right = alongWidth(pictures, filter.shape(), true);
    expect(dy.shape()[0] == pictures[0] && dy.shape()[1] == down.source && dy.shape()[2] == right.source,
           "the gradient of what a convolution makes of such pictures");
    const Tensor dx = call.output(0, pictures);
    withSight(pictures[0], dy.shape()[3], down, right, [&](const auto& sight) {
      convolve(sight, dy.data(), filter.data(), pictures[3], dx.data(), [](std::int64_t) { return AsTheyAre(); });
    });
  }
};

class ConvolutionGradOfFilter : Stepping {
 public:
  using Stepping::Stepping;

  void compute(Call& call) const {
    const Tensor x = call.input(0), sizes = call.input(1), dy = call.input(2);
    expect(sizes.size() == 4, "four sizes of a filter");
    const Shape filter(sizes.integers(), sizes.integers() + 4);
    expectPictures(x.shape(), filter, 2);
    expectPictures(dy.shape(), filter, 3);
    const Along down = alongHeight(x.shape(), filter, false), right = alongWidth(x.shape(), filter, false);
    expect(dy.shape()[0] == x.shape()[0] && dy.shape()[1] == down.result && dy.shape()[2] == right.result,
           "the gradient of what a convolution makes of such pictures");
    const Tensor dFilter = call.output(0, filter);
    withSight(x.shape()[0], x.shape()[3], down, right,
              [&](const auto& sight) { addUp(sight, x.data(), dy.data(), filter[3], dFilter.data()); });
  }

 private:
  template <class Sight>
  static void addUp(const Sight& sight, const float* x, const float* dy, std::int64_t outputs, float* dFilter) {
    const Windows& windows = sight.windows;
    const std::int64_t window = windows.down.filter * windows.right.filter * windows.channels;
    const std::int64_t blocks = windows.batch * windows.blocks, wide = panelsOf(outputs) * PANEL, size = window * wide;
    // As many parts as the sizes say, not the threads: sums must not depend on these.
    const std::int64_t most = std::clamp<std::int64_t>(std::min(blocks, MOST_NUMBERS / size), 1, MOST_PARTS);
    const std::int64_t parts = std::clamp<std::int64_t>(blocks * windows.products(outputs) / ENOUGH, 1, most);
    float* const sums = scratch(SUMS, parts * size);
    parallel(parts, [&](std::int64_t part) {
      [[maybe_unused]] const typename Sight::Products products;
      float* const sum = sums + part * size;
      std::fill_n(sum, size, 0.0f);
      for (std::int64_t index = blocks * part / parts; index < blocks * (part + 1) / parts; index++) {
        const Block block(windows, index);
        const float* const gradient =
            dy + (block.picture * windows.down.result + block.first) * windows.right.result * outputs;
        sight.addOuter(block, x, gradient, outputs, sum, PICTURE, GRADIENT);
      }
    });
    parallelEach(window, together(parts * wide, 1 << 16), [&](std::int64_t row) {
      for (std::int64_t j = 0; j < outputs; j += LANES) {
        Vector total = load(sums + row * wide + j);
        for (std::int64_t part = 1; part < parts; part++) total += load(sums + part * size + row * wide + j);
        std::memcpy(dFilter + row * outputs + j, &total, std::min<std::int64_t>(LANES, outputs - j) * sizeof(float));
      }
    });
  }
};

// Its result's shape follows from attributes or the numbers of an input, which are not known here.
void defineUnshaped(const char* name, std::vector<const char*> attributes, const std::vector<const char*>& inputs,
                    const char* output) {
  attributes.insert(attributes.end(), {"step_down: int", "step_right: int", "same: bool"});
  define({name, attributes, inputs, {output},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).unknown(); }});
}

}  // namespace

void registerConvolution() {
  defineUnshaped("BanyanConvolution", {"rectified: bool"}, {"x: float", "filter: float", "bias: float"}, "y: float");
  implement<Convolution>("BanyanConvolution");
  defineUnshaped("BanyanConvolutionGradOfInput", {}, {"sizes: int32", "filter: float", "dy: float"}, "dx: float");
  implement<ConvolutionGradOfInput>("BanyanConvolutionGradOfInput");
  defineUnshaped("BanyanConvolutionGradOfFilter", {}, {"x: float", "filter_sizes: int32", "dy: float"}, "dfilter: float");
  implement<ConvolutionGradOfFilter>("BanyanConvolutionGradOfFilter");
}

}  // namespace banyan
