// Windows in products on tiles. A row of a tile is a pixel's channels, and the next row the next pixel's: the window of each place
// is the one before it, moved on by a pixel. So pixels become pieces once, however many windows see them. Between two rows of places
// lie as many as the plane is wider; what becomes of those is not looked at.
#pragma once
#include "tiles.h"
#include "windows.h"

namespace banyan {

// Tiles anywhere in memory, those of a step at its shift.
struct Shifted {
  const Piece* data;
  std::int64_t steps;
  const std::int64_t* shifts;
  std::int64_t piece, tile, row;  // From a piece of a number to its next one, from a tile or a row to the next.

  Shifted band(std::int64_t i) const { return {data + i * row, steps, shifts, piece, tile, row}; }
  const Piece* at(std::int64_t step, int of, int which) const { return data + shifts[step] + of * piece + which * tile; }
  std::int64_t bytes() const { return row * sizeof(Piece); }
};

class WindowsOnTiles {
 public:
  using Products = OnTiles;
  static constexpr std::int64_t LEAST = 224;  // places of a block
  const Windows windows;

  // A step takes 32 channels; with fewer there would be little but zeros.
  static bool areFor(std::int64_t channels) { return 2 * channels > stepsOf(channels) * DEPTH; }

  explicit WindowsOnTiles(const Windows& given)
      : windows(given), deep(stepsOf(given.channels) * DEPTH), shifts(given.phases),
        pixels((windows.planes * windows.plane + DEPTH - 1) / DEPTH * DEPTH + DEPTH) {
    for (std::int64_t phase = 0; phase < windows.phases; phase++)
      for (const std::int64_t pixel : windows.pixels(phase))
        for (std::int64_t c = 0; c < deep; c += DEPTH) shifts[phase].push_back(pixel * deep + c);
    for (std::int64_t i = 0; i < height(windows.rows); i += DEPTH) along.push_back(i);
  }

  // Rows of a product for a row of places.
  std::int64_t width() const { return windows.width; }

  // The planes in pieces, [pieces, pixels, channels].
  const Piece* see(const Block& block, const float* pictures, int number) const {
    const float* const planes = planesOf(block, pictures);
    Piece* const to = inRoom(number);
    for (std::int64_t pixel = 0; pixel < windows.planes * windows.plane; pixel++)
      for (std::int64_t c = 0; c < deep; c += DEPTH) {
        const float* const from = planes + pixel * windows.channels + c;
        const std::int64_t left = windows.channels - c;
        putPieces(to + pixel * deep + c, pixels * deep, some(from, left), some(from + EDGE, left - EDGE));
      }
    return to;
  }

  template <class Finish>
  void multiply(const Block& block, const Piece* seen, std::int64_t phase, std::int64_t columns, const float* panel,
                float* result, std::int64_t resultStride, const Finish& finish) const {
    const std::int64_t steps = shifts[phase].size();
    const Shifted left{seen, steps, shifts[phase].data(), pixels * deep, EDGE * deep, deep};
    Products::multiplyPanel<false>(height(block.rows), columns, 0, left, panel, result, resultStride, finish);
  }

  // Adds the windows of a block, transposed, times a gradient [places, outputs] to sums [window, panels].
  void addOuter(const Block& block, const float* pictures, const float* gradient, std::int64_t outputs, float* sums,
                int number, int another) const {
    const Piece* const turned = turn(block, pictures, number);
    const std::int64_t count = height(block.rows), steps = stepsOf(count), places = windows.right.places();
    const std::int64_t panels = panelsOf(outputs), size = Products::panelSize(count);
    // Zeros where no windows stand.
    float* const spread = scratch(SPREAD, count * outputs);
    for (std::int64_t i = 0; i < block.rows; i++) {
      float* const row = spread + i * width() * outputs;
      std::copy_n(gradient + i * places * outputs, places * outputs, row);
      if (i + 1 < block.rows) std::fill_n(row + places * outputs, (width() - places) * outputs, 0.0f);
    }
    float* const right = scratch(another, panels * size);
    for (std::int64_t panel = 0; panel < panels; panel++)
      Products::packPanel(panel, count, outputs, spread, false, right + panel * size);
    float* to = sums;
    for (const std::int64_t pixel : windows.pixels(0))
      for (std::int64_t c = 0; c < windows.channels; c += Products::BAND) {
        const std::int64_t high = std::min(Products::BAND, windows.channels - c);
        const Shifted left{turned + c * pixels + pixel, steps, along.data(), deep * pixels, EDGE * pixels, pixels};
        for (std::int64_t panel = 0; panel < panels; panel++)
          Products::multiplyPanel<true>(high, PANEL, 0, left, right + panel * size, to + panel * PANEL, panels * PANEL,
                                        AsTheyAre());
        to += high * panels * PANEL;
      }
  }

 private:
  static constexpr int PLANES = 5, SPREAD = 6;  // Scratch memory.

  std::int64_t height(std::int64_t rows) const { return (rows - 1) * width() + windows.right.places(); }

  Piece* inRoom(int number) const {
    return reinterpret_cast<Piece*>(scratch(number, PIECES * pixels * deep * sizeof(Piece) / sizeof(float)));
  }

  const float* planesOf(const Block& block, const float* pictures) const {
    return seenBy(block, windows, pictures, scratch(PLANES, windows.planes * windows.plane * windows.channels));
  }

  // The planes in pieces, [pieces, channels, pixels]. Behind the last pixel are zeros.
  const Piece* turn(const Block& block, const float* pictures, int number) const {
    const float* const planes = planesOf(block, pictures);
    Piece* const to = inRoom(number);
    const std::int64_t there = windows.planes * windows.plane, channels = windows.channels;
    for (std::int64_t pixel = 0; pixel < pixels; pixel += DEPTH)
      for (std::int64_t c = 0; c < deep; c += EDGE) {
        __m512 near[EDGE], far[EDGE];
        turned(planes + pixel * channels + c, channels, there - pixel, channels - c, near);
        turned(planes + (pixel + EDGE) * channels + c, channels, there - pixel - EDGE, channels - c, far);
#pragma GCC unroll 16
        for (int i = 0; i < EDGE; i++) putPieces(to + (c + i) * pixels + pixel, deep * pixels, near[i], far[i]);
      }
    return to;
  }

  const std::int64_t deep;  // channels, filled up
  std::vector<std::vector<std::int64_t>> shifts;  // by phase
  const std::int64_t pixels;  // of all planes, filled up: a tile may end behind the last one
  std::vector<std::int64_t> along;  // From a step along the places to the next.
};

}  // namespace banyan
