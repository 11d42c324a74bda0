// Products of matrices, a tile at a time: its sums stay in registers, the right matrix lies in panels two vectors wide.
#pragma once
#include <algorithm>
#include <vector>

#include "parallel.h"
#include "scratch.h"
#include "vector.h"

namespace banyan {

// Rows of a tile: with two vectors each, its sums fill half of the registers and more.
#ifdef __AVX512F__
constexpr int TILE = 8;
#else
constexpr int TILE = 6;
#endif
constexpr std::int64_t PANEL = 2 * LANES;

inline std::int64_t panelsOf(std::int64_t width) { return (width + PANEL - 1) / PANEL; }

// A left matrix by its rows and columns: the number at (i, k) is row(i)[column(k)].
struct Strided {
  const float* data;
  std::int64_t rows, columns;
  const float* row(std::int64_t i) const { return data + i * rows; }
  std::int64_t column(std::int64_t k) const { return k * columns; }
};

// What becomes of the sums: nothing more.
struct AsTheyAre {
  Vector operator()(Vector sums, int) const { return sums; }
};

// What is below 0 becomes 0; what is not a number stays.
inline Vector rectify(Vector x) { return x < Vector{} ? Vector{} : x; }

// A bias is added, and what is below 0 may become 0.
struct WithBias {
  const float* bias;  // of the panel
  bool rectified;
  Vector operator()(Vector sums, int vector) const {
    const Vector y = sums + load(bias + vector * LANES);
    return rectified ? rectify(y) : y;
  }
};

// A bias of so many numbers, or of none, for all panels.
class Biases {
 public:
  Biases(const float* bias, std::int64_t count, std::int64_t outputs, bool rectified)
      : numbers(panelsOf(outputs) * PANEL), rectified(rectified) {
    std::copy_n(bias, count, numbers.data());
  }
  // Of a panel; `complete`: with what comes after the bias.
  WithBias forPanel(std::int64_t panel, bool complete = true) const {
    return {numbers.data() + panel * PANEL, rectified && complete};
  }

 private:
  std::vector<float> numbers;
  const bool rectified;
};

// By value and never inlined: what is read of `left` stays in registers.
template <int ROWS, int VECTORS, bool ADD, class Left, class Finish>
__attribute__((noinline)) void tile(Left left, std::int64_t first, std::int64_t depth, const float* right,
                                    std::int64_t rightStride, float* result, std::int64_t resultStride, Finish finish) {
  Vector sums[ROWS][VECTORS];
  const float* row[ROWS];
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++) {
    row[i] = left.row(first + i);
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) sums[i][j] = ADD ? load(result + i * resultStride + j * LANES) : Vector{};
  }
  for (std::int64_t k = 0; k < depth; k++) {
    const std::int64_t column = left.column(k);
    Vector b[VECTORS];
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) b[j] = load(right + k * rightStride + j * LANES);
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
      const float a = row[i][column];
#pragma GCC unroll 8
      for (int j = 0; j < VECTORS; j++) sums[i][j] += a * b[j];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) store(result + i * resultStride + j * LANES, finish(sums[i][j], j));
}

template <int VECTORS, bool ADD, int ROWS = TILE, class Left, class Finish>
inline void tileOf(std::int64_t rows, const Left& left, std::int64_t first, std::int64_t depth, const float* right,
                   std::int64_t rightStride, float* result, std::int64_t resultStride, const Finish& finish) {
  if constexpr (ROWS > 0) {
    if (rows >= ROWS)
      tile<ROWS, VECTORS, ADD>(left, first, depth, right, rightStride, result, resultStride, finish);
    else
      tileOf<VECTORS, ADD, ROWS - 1>(rows, left, first, depth, right, rightStride, result, resultStride, finish);
  }
}

// result [height, width] = (or, with ADD, +=) left [height, depth] right [depth, width]. Its width is a multiple of LANES, and
// so is what lies there of `right` and `result`.
template <bool ADD, class Left>
inline void multiply(std::int64_t height, std::int64_t width, std::int64_t depth, const Left& left, const float* right,
                     std::int64_t rightStride, float* result, std::int64_t resultStride) {
  for (std::int64_t j = 0; j < width; j += PANEL)
    for (std::int64_t i = 0; i < height; i += TILE) {
      float* const to = result + i * resultStride + j;
      if (width - j > LANES)
        tileOf<2, ADD>(height - i, left, i, depth, right + j, rightStride, to, resultStride, AsTheyAre());
      else
        tileOf<1, ADD>(height - i, left, i, depth, right + j, rightStride, to, resultStride, AsTheyAre());
    }
}

// A panel of `result` [height, up to PANEL], of which only the first `columns` are there. The rows of the right panel are
// `panelStride` numbers apart.
template <bool ADD, class Left, class Finish>
inline void multiplyPanel(std::int64_t height, std::int64_t columns, std::int64_t depth, const Left& left,
                          const float* panel, std::int64_t panelStride, float* result, std::int64_t resultStride,
                          const Finish& finish) {
  for (std::int64_t i = 0; i < height; i += TILE) {
    float* const to = result + i * resultStride;
    if (columns == PANEL) {
      tileOf<2, ADD>(height - i, left, i, depth, panel, panelStride, to, resultStride, finish);
      continue;
    }
    float whole[TILE * PANEL];
    const std::int64_t rows = std::min<std::int64_t>(TILE, height - i);
    if (ADD)
      for (std::int64_t r = 0; r < rows; r++) std::copy_n(to + r * resultStride, columns, whole + r * PANEL);
    tileOf<2, ADD>(rows, left, i, depth, panel, panelStride, whole, PANEL, finish);
    for (std::int64_t r = 0; r < rows; r++) std::copy_n(whole + r * PANEL, columns, to + r * resultStride);
  }
}

// Panel `index` of a matrix [depth, width], filled up with zeros; `transposed`: of one that lies as [width, depth].
inline void packPanel(std::int64_t index, std::int64_t depth, std::int64_t width, const float* matrix, bool transposed,
                      float* panel) {
  const std::int64_t first = index * PANEL, columns = std::min(PANEL, width - first);
  if (columns < PANEL) std::fill_n(panel, depth * PANEL, 0.0f);
  if (transposed) {
    transpose(columns, depth, matrix + first * depth, depth, panel, PANEL);
  } else {
    const float* const from = matrix + first;
    if (columns == PANEL)
      for (std::int64_t k = 0; k < depth; k++) std::memcpy(panel + k * PANEL, from + k * width, PANEL * sizeof(float));
    else
      for (std::int64_t k = 0; k < depth; k++) std::copy_n(from + k * width, columns, panel + k * PANEL);
  }
}

// Has a share of a matrix brought near, whose rows are `stride` numbers apart, while the processor is busy with others.
inline void prefetch(const float* from, std::int64_t rows, std::int64_t width, std::int64_t stride, std::int64_t share,
                     std::int64_t shares) {
  for (std::int64_t i = rows * share / shares; i < rows * (share + 1) / shares; i++)
    for (std::int64_t j = 0; j < width; j += LINE / sizeof(float)) __builtin_prefetch(from + i * stride + j, 0, 2);
}

// Columns of a left matrix as tiles [depth, TILE] one after another.
struct InTiles {
  const float* data;
  std::int64_t depth;
  const float* row(std::int64_t i) const { return data + i / TILE * TILE * depth + i % TILE; }
  std::int64_t column(std::int64_t k) const { return k * TILE; }
};

// Products on vectors.
struct OnVectors {
  static constexpr std::int64_t BAND = 4 * TILE;  // Rows of a left matrix that are packed at a time.

  static std::int64_t panelSize(std::int64_t depth) { return depth * PANEL; }
  static std::int64_t bandSize(std::int64_t depth) { return depth * BAND; }

  static void packPanel(std::int64_t index, std::int64_t depth, std::int64_t width, const float* matrix, bool transposed,
                        float* panel) {
    banyan::packPanel(index, depth, width, matrix, transposed, panel);
  }

  // Columns of a matrix [depth, width] as the rows of a band; row by row, as they lie in memory.
  static void packBand(std::int64_t index, std::int64_t depth, std::int64_t width, const float* matrix, float* band) {
    const std::int64_t first = index * BAND, columns = std::min(BAND, width - first);
    for (std::int64_t k = 0; k < depth; k++)
      for (std::int64_t i = 0; i < columns; i += TILE) {
        const float* const from = matrix + k * width + first + i;
        float* const to = band + i * depth + k * TILE;
        if (i + TILE <= columns)
          std::memcpy(to, from, TILE * sizeof(float));
        else
          std::copy_n(from, columns - i, to);
      }
  }
  static InTiles band(const float* packed, std::int64_t depth) { return {packed, depth}; }

  // Rows of a matrix as a left one, as they lie, `stride` numbers apart.
  class Rows {
   public:
    Rows(int, std::int64_t, std::int64_t, const float* matrix, std::int64_t stride) : matrix(matrix), stride(stride) {}
    void bring(std::int64_t, std::int64_t) const {}
    Strided left() const { return {matrix, stride, 1}; }

   private:
    const float* matrix;
    std::int64_t stride;
  };

  template <bool ADD, class Left, class Finish>
  static void multiplyPanel(std::int64_t height, std::int64_t columns, std::int64_t depth, const Left& left,
                            const float* panel, float* result, std::int64_t resultStride, const Finish& finish) {
    banyan::multiplyPanel<ADD>(height, columns, depth, left, panel, PANEL, result, resultStride, finish);
  }
};

// All panels of a matrix, in scratch memory.
template <class Products = OnVectors>
const float* packPanels(int number, std::int64_t depth, std::int64_t width, const float* matrix, bool transposed) {
  const std::int64_t size = Products::panelSize(depth);
  float* const panels = scratch(number, panelsOf(width) * size);
  parallelEach(panelsOf(width), together(depth * PANEL, 1 << 17), [&](std::int64_t i) {
    Products::packPanel(i, depth, width, matrix, transposed, panels + i * size);
  });
  return panels;
}

}  // namespace banyan
