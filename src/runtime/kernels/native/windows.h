// Windows on padded pictures [batch, height, width, channels], as the rows of a left matrix that is never written.
#pragma once
#include <algorithm>
#include <vector>

#include "product.h"

namespace banyan {

// One axis of a convolution, whose result at i is the sum over k of filter(k) source(i * step + k - before); or of the way back,
// which reads such results and adds filter(k) source(i) to what lies at i * step + k - before.
//
// Numbers of the filter that lie a whole number of steps apart are of one phase. So that windows next to each other see numbers
// next to each other, what is read lies in planes, one for each phase; on the way back the phases are those of what is written.
struct Along {
  std::int64_t source, result, filter, step, before;
  bool back;

  std::int64_t taps() const { return (filter - 1) / step + 1; }  // of a phase
  std::int64_t planes() const { return back ? 1 : std::min(step, filter); }
  std::int64_t phases() const { return back ? step : 1; }
  // Where windows stand.
  std::int64_t places() const { return back ? (result - 1 + before) / step + 1 - before / step : result; }
  std::int64_t resultOf(std::int64_t phase, std::int64_t place) const {
    return back ? place * step + phase - before % step : place;
  }
  // What lies at a place in a plane; it may be outside of the source.
  std::int64_t sourceOf(std::int64_t plane, std::int64_t at) const {
    return back ? at + before / step - (taps() - 1) : at * step + plane - before;
  }
  // How a number of the filter is seen from a place: in which plane, and how far from it.
  bool isOf(std::int64_t phase, std::int64_t k) const { return !back || k % step == phase; }
  std::int64_t planeOf(std::int64_t k) const { return back ? 0 : k % step; }
  std::int64_t shift(std::int64_t k) const { return back ? taps() - 1 - k / step : k / step; }
};

struct Windows {
  std::int64_t batch, channels;
  Along down, right;
  std::int64_t least;  // Places that are worked on at a time, at least.

  const std::int64_t rows = std::min(down.places(), (least + right.places() - 1) / std::max<std::int64_t>(1, right.places()));
  const std::int64_t blocks = rows == 0 ? 0 : (down.places() + rows - 1) / rows;  // in a picture
  const std::int64_t width = right.places() + right.taps() - 1;                  // of a plane
  const std::int64_t plane = (rows + down.taps() - 1) * width;                   // Its pixels.
  const std::int64_t planes = down.planes() * right.planes();
  const std::int64_t phases = down.phases() * right.phases();

  // Multiplications for a block, with an addition each.
  std::int64_t products(std::int64_t outputs) const {
    return rows * right.places() * down.taps() * right.taps() * planes * phases * channels * outputs;
  }

  // From a place to the pixels that its window sees: those of one phase, in the order of the filter.
  std::vector<std::int64_t> pixels(std::int64_t phase) const {
    std::vector<std::int64_t> all;
    eachNumber(phase, [&](std::int64_t y, std::int64_t x) {
      const std::int64_t plane = down.planeOf(y) * right.planes() + right.planeOf(x);
      all.push_back(plane * this->plane + down.shift(y) * width + right.shift(x));
    });
    return all;
  }

  // The filter's numbers of a phase, as places in it.
  std::vector<std::int64_t> numbers(std::int64_t phase) const {
    std::vector<std::int64_t> all;
    eachNumber(phase, [&](std::int64_t y, std::int64_t x) { all.push_back(y * right.filter + x); });
    return all;
  }

 private:
  template <class Work>
  void eachNumber(std::int64_t phase, const Work& work) const {
    for (std::int64_t y = 0; y < down.filter; y++)
      for (std::int64_t x = 0; x < right.filter; x++)
        if (down.isOf(phase / right.phases(), y) && right.isOf(phase % right.phases(), x)) work(y, x);
  }
};

// Some rows of places of one picture.
struct Block {
  std::int64_t picture, first, rows;

  Block(const Windows& windows, std::int64_t index)
      : picture(index / windows.blocks),
        first(index % windows.blocks * windows.rows),
        rows(std::min(windows.rows, windows.down.places() - first)) {}
};

// The planes that the windows of a block see, [planes, pixels, channels], padded with zeros. Whole ones, also where a block has
// fewer rows than others: what is left over from another call may be anything, and products with 0 would not hide it.
inline const float* seenBy(const Block& block, const Windows& windows, const float* pictures, float* to) {
  const Along &down = windows.down, &right = windows.right;
  const std::int64_t channels = windows.channels, row = windows.width * channels;
  const float* const picture = pictures + block.picture * down.source * right.source * channels;
  for (std::int64_t plane = 0; plane < windows.planes; plane++)
    for (std::int64_t i = 0; i < windows.rows + down.taps() - 1; i++) {
      float* pixel = to + plane * windows.plane * channels + i * row;
      const std::int64_t y = down.sourceOf(plane / right.planes(), block.first + i), across = plane % right.planes();
      if (y < 0 || y >= down.source) {
        std::fill_n(pixel, row, 0.0f);
        continue;
      }
      const float* const from = picture + y * right.source * channels;
      if (right.step == 1 || right.back) {
        // What is there lies in one piece.
        const std::int64_t begin = std::clamp<std::int64_t>(-right.sourceOf(0, 0), 0, windows.width);
        const std::int64_t end = std::clamp(right.source - right.sourceOf(0, 0), begin, windows.width);
        std::fill_n(pixel, begin * channels, 0.0f);
        std::copy_n(from + (begin + right.sourceOf(0, 0)) * channels, (end - begin) * channels, pixel + begin * channels);
        std::fill_n(pixel + end * channels, (windows.width - end) * channels, 0.0f);
        continue;
      }
      for (std::int64_t j = 0; j < windows.width; j++, pixel += channels) {
        const std::int64_t x = right.sourceOf(across, j);
        if (x < 0 || x >= right.source)
          std::fill_n(pixel, channels, 0.0f);
        else
          std::copy_n(from + x * channels, channels, pixel);
      }
    }
  return to;
}

// A left matrix of numbers at places: the one at (i, k) is data[rows[i] + columns[k]].
struct Placed {
  const float* data;
  const std::int64_t *rows, *columns;
  const float* row(std::int64_t i) const { return data + rows[i]; }
  std::int64_t column(std::int64_t k) const { return columns[k]; }
};

// Windows in products on vectors: nothing is written but the planes.
class WindowsOnVectors {
 public:
  using Products = OnVectors;
  static constexpr std::int64_t LEAST = 64;  // places of a block

  const Windows windows;

  explicit WindowsOnVectors(const Windows& given) : windows(given), numbers(windows.phases) {
    for (std::int64_t y = 0; y < windows.rows; y++)
      for (std::int64_t x = 0; x < windows.right.places(); x++) places.push_back((y * windows.width + x) * windows.channels);
    for (std::int64_t phase = 0; phase < windows.phases; phase++)
      for (const std::int64_t pixel : windows.pixels(phase))
        for (std::int64_t c = 0; c < windows.channels; c++) numbers[phase].push_back(pixel * windows.channels + c);
  }

  // Rows of a product for a row of places.
  std::int64_t width() const { return windows.right.places(); }

  const float* see(const Block& block, const float* pictures, int number) const {
    return seenBy(block, windows, pictures, scratch(number, windows.planes * windows.plane * windows.channels));
  }

  template <class Finish>
  void multiply(const Block& block, const float* seen, std::int64_t phase, std::int64_t columns, const float* panel,
                float* result, std::int64_t resultStride, const Finish& finish) const {
    const std::int64_t depth = numbers[phase].size();
    Products::multiplyPanel<false>(block.rows * width(), columns, depth, Placed{seen, places.data(), numbers[phase].data()},
                                   panel, result, resultStride, finish);
  }

  // Adds the windows of a block, transposed, times a gradient [places, outputs] to sums [window, panels].
  void addOuter(const Block& block, const float* pictures, const float* gradient, std::int64_t outputs, float* sums,
                int number, int another) const {
    const std::int64_t count = block.rows * width(), panels = panelsOf(outputs);
    const float* const seen = see(block, pictures, number);
    float* const right = scratch(another, count * PANEL);
    for (std::int64_t panel = 0; panel < panels; panel++) {
      packPanel(panel, count, outputs, gradient, false, right);
      multiplyPanel<true>(numbers[0].size(), PANEL, count, Placed{seen, numbers[0].data(), places.data()}, right, PANEL,
                          sums + panel * PANEL, panels * PANEL, AsTheyAre());
    }
  }

 private:
  std::vector<std::int64_t> places;
  std::vector<std::vector<std::int64_t>> numbers;  // by phase
};

}  // namespace banyan
