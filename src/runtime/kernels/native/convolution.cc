// A convolution with steps of 1 over pictures [batch, height, width, channels], each edge padded so that the result has their
// size; and its gradients. Each is a product whose left matrix is never written: its rows are windows of padded pictures.
#include "kernels.h"
#include "operation.h"
#include "product.h"

namespace banyan {
namespace {

constexpr std::int64_t PIXELS = 64;      // At least so many are computed at a time.
constexpr std::int64_t MOST_PARTS = 16;  // Sums of a filter's gradient that are added up at the end.
constexpr int FILTER = 0, PICTURE = 1, GRADIENT = 2, SUMS = 3;

// Sizes of pictures, and of a window on them that reaches `top` and `left` numbers back.
struct Sizes {
  std::int64_t batch, height, width, channels, windowHeight, windowWidth, top, left;
  const std::int64_t paddedWidth = width + windowWidth - 1;
  const std::int64_t window = windowHeight * windowWidth * channels;
  const std::int64_t rows = std::min(height, (PIXELS + width - 1) / std::max<std::int64_t>(1, width));  // of pixels in a block
  const std::int64_t blocks = rows == 0 ? 0 : (height + rows - 1) / rows;                               // in a picture
};

// Where the padding is odd, TensorFlow's has one more below and on the right, and the way back one more above and on the left.
Sizes sizesOf(const Tensor& pictures, const Shape& window, bool back) {
  const Shape& shape = pictures.shape();
  const std::int64_t more = back ? 0 : 1;
  return {shape[0], shape[1], shape[2], shape[3], window[0], window[1], (window[0] - more) / 2, (window[1] - more) / 2};
}

// Where windows and the numbers in them lie: the number k of pixel i's window at block[pixels[i] + numbers[k]].
struct Places {
  std::vector<std::int64_t> pixels, numbers;

  explicit Places(const Sizes& sizes) : pixels(sizes.rows * sizes.width), numbers(sizes.window) {
    for (std::int64_t y = 0, i = 0; y < sizes.rows; y++)
      for (std::int64_t x = 0; x < sizes.width; x++) pixels[i++] = (y * sizes.paddedWidth + x) * sizes.channels;
    for (std::int64_t y = 0, k = 0; y < sizes.windowHeight; y++)
      for (std::int64_t x = 0; x < sizes.windowWidth * sizes.channels; x++)
        numbers[k++] = y * sizes.paddedWidth * sizes.channels + x;
  }
};

// A left matrix of places.
struct Placed {
  const float* data;
  const std::int64_t *rows, *columns;
  const float* row(std::int64_t i) const { return data + rows[i]; }
  std::int64_t column(std::int64_t k) const { return columns[k]; }
};

// Some rows of pixels of one picture.
struct Block {
  std::int64_t first, rows;
  std::int64_t picture;  // Where its picture begins, in pixels.

  Block(const Sizes& sizes, std::int64_t index)
      : first(index % sizes.blocks * sizes.rows),
        rows(std::min(sizes.rows, sizes.height - first)),
        picture(index / sizes.blocks * sizes.height * sizes.width) {}
};

// The part of a picture that the windows of a block see, padded with zeros.
const float* padded(const Sizes& sizes, const float* pictures, const Block& block) {
  const float* const picture = pictures + block.picture * sizes.channels;
  const std::int64_t stride = sizes.paddedWidth * sizes.channels, seen = block.rows + sizes.windowHeight - 1;
  const std::int64_t before = sizes.left * sizes.channels, there = sizes.width * sizes.channels;
  float* const to = room(PICTURE, (sizes.rows + sizes.windowHeight - 1) * stride);
  for (std::int64_t y = 0; y < seen; y++) {
    float* const row = to + y * stride;
    const std::int64_t from = block.first + y - sizes.top;
    if (from < 0 || from >= sizes.height) {
      std::fill_n(row, stride, 0.0f);
      continue;
    }
    std::fill_n(row, before, 0.0f);
    std::copy_n(picture + from * there, there, row + before);
    std::fill_n(row + before + there, stride - before - there, 0.0f);
  }
  return to;
}

// result [batch, height, width, outputs] of the windows times a matrix [window, outputs], which lies in panels.
template <class FinishOf>
void convolve(const Sizes& sizes, const float* pictures, const float* panels, std::int64_t outputs, float* result,
              const FinishOf& finishOf) {
  const Places places(sizes);
  const std::int64_t products = sizes.rows * sizes.width * sizes.window * outputs;
  parallelEach(sizes.batch * sizes.blocks, together(products), [&](std::int64_t index) {
    const Block block(sizes, index);
    const Placed windows{padded(sizes, pictures, block), places.pixels.data(), places.numbers.data()};
    float* const to = result + (block.picture + block.first * sizes.width) * outputs;
    for (std::int64_t panel = 0; panel < panelsOf(outputs); panel++)
      multiplyPanel<false>(block.rows * sizes.width, std::min(PANEL, outputs - panel * PANEL), sizes.window, windows,
                           panels + panel * sizes.window * PANEL, to + panel * PANEL, outputs, finishOf(panel));
  });
}

void expectPictures(const Tensor& pictures, const Shape& filter, std::size_t axis) {
  expect(pictures.shape().size() == 4 && filter.size() == 4 && filter[axis] == pictures.shape()[3],
         "pictures [batch, height, width, channels] and a filter [height, width, inputs, outputs] for them");
}

class Convolution {
 public:
  explicit Convolution(Attributes& attributes) : rectified(attributes.truth("rectified")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), filter = call.input(1), bias = call.input(2);
    expectPictures(x, filter.shape(), 2);
    const Sizes sizes = sizesOf(x, filter.shape(), false);
    const std::int64_t outputs = filter.shape()[3];
    expect(bias.size() == outputs || bias.size() == 0, "a bias [outputs] or [0]");
    const Tensor y = call.output(0, {sizes.batch, sizes.height, sizes.width, outputs});
    const float* const panels = packPanels(FILTER, sizes.window, outputs, filter.data(), false);
    const Biases biases(bias.data(), bias.size(), outputs, rectified);
    convolve(sizes, x.data(), panels, outputs, y.data(), [&](std::int64_t panel) { return biases.of(panel); });
  }

 private:
  const bool rectified;
};

// A convolution of dy with the filter turned around, its inputs and outputs exchanged.
class ConvolutionGradOfInput {
 public:
  explicit ConvolutionGradOfInput(Attributes&) {}

  void compute(Call& call) const {
    const Tensor dy = call.input(0), filter = call.input(1);
    expectPictures(dy, filter.shape(), 3);
    const std::int64_t height = filter.shape()[0], width = filter.shape()[1], inputs = filter.shape()[2];
    const Sizes sizes = sizesOf(dy, filter.shape(), true);
    const Tensor dx = call.output(0, {sizes.batch, sizes.height, sizes.width, inputs});
    const std::int64_t outputs = sizes.channels, places = height * width;
    float* const panels = room(FILTER, panelsOf(inputs) * sizes.window * PANEL);
    for (std::int64_t panel = 0; panel < panelsOf(inputs); panel++)
      for (std::int64_t place = 0; place < places; place++)
        // [outputs, PANEL] of the place on the other side
        packPanel(panel, outputs, inputs, filter.data() + (places - 1 - place) * inputs * outputs, true,
                  panels + (panel * places + place) * outputs * PANEL);
    convolve(sizes, dy.data(), panels, inputs, dx.data(), [](std::int64_t) { return AsTheyAre(); });
  }
};

class ConvolutionGradOfFilter {
 public:
  explicit ConvolutionGradOfFilter(Attributes&) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), filterSizes = call.input(1), dy = call.input(2);
    expect(filterSizes.size() == 4, "four sizes of a filter");
    const Shape filter(filterSizes.integers(), filterSizes.integers() + 4);
    expectPictures(x, filter, 2);
    expectPictures(dy, filter, 3);
    const Sizes sizes = sizesOf(x, filter, false);
    const std::int64_t outputs = filter[3], blocks = sizes.batch * sizes.blocks, wide = panelsOf(outputs) * PANEL;
    const Tensor dFilter = call.output(0, filter);
    const Places places(sizes);
    // As many parts as the sizes say, not the threads: sums must not depend on these.
    const std::int64_t products = sizes.batch * sizes.height * sizes.width * sizes.window * outputs;
    const std::int64_t most = std::clamp<std::int64_t>(blocks, 1, MOST_PARTS);
    const std::int64_t parts = std::clamp<std::int64_t>(products / ENOUGH, 1, most);
    float* const sums = room(SUMS, parts * sizes.window * wide);
    parallel(parts, [&](std::int64_t part) {
      float* const own = sums + part * sizes.window * wide;
      std::fill_n(own, sizes.window * wide, 0.0f);
      float* const right = room(GRADIENT, sizes.rows * sizes.width * PANEL);
      for (std::int64_t index = blocks * part / parts; index < blocks * (part + 1) / parts; index++) {
        const Block block(sizes, index);
        const std::int64_t pixels = block.rows * sizes.width;
        const Placed windows{padded(sizes, x.data(), block), places.numbers.data(), places.pixels.data()};
        const float* const gradient = dy.data() + (block.picture + block.first * sizes.width) * outputs;
        for (std::int64_t panel = 0; panel < panelsOf(outputs); panel++) {
          packPanel(panel, pixels, outputs, gradient, false, right);
          multiplyPanel<true>(sizes.window, PANEL, pixels, windows, right, own + panel * PANEL, wide, AsTheyAre());
        }
      }
    });
    for (std::int64_t k = 0; k < sizes.window; k++)
      for (std::int64_t j = 0; j < outputs; j++) {
        float total = 0;
        for (std::int64_t part = 0; part < parts; part++) total += sums[(part * sizes.window + k) * wide + j];
        dFilter.data()[k * outputs + j] = total;
      }
  }
};

}  // namespace

void registerConvolution() {
  define({"BanyanConvolution",
          {"rectified: bool"},
          {"x: float", "filter: float", "bias: float"},
          {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(0, 1), axis(0, 2), axis(1, 3)});
          }});
  implement<Convolution>("BanyanConvolution");
  define({"BanyanConvolutionGradOfInput", {}, {"dy: float", "filter: float"}, {"dx: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(0, 1), axis(0, 2), axis(1, 2)});
          }});
  implement<ConvolutionGradOfInput>("BanyanConvolutionGradOfInput");
  // Its shape stands in the numbers of an input, which are not known here.
  define({"BanyanConvolutionGradOfFilter", {}, {"x: float", "filter_sizes: int32", "dy: float"}, {"dfilter: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).unknown(); }});
  implement<ConvolutionGradOfFilter>("BanyanConvolutionGradOfFilter");
}

}  // namespace banyan
