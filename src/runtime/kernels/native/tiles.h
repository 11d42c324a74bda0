// Products of matrices on the tiles of the processor (Intel's AMX), as exact as those in float32: each number is the sum of three
// pieces of 8 bits, and the products of pieces are added up in float32. Of the nine the three smallest are left out: together
// 2^-22 of the product at most, mostly far less, and of either sign (Henry, Tang, Heinecke 2019). The instruction takes pieces
// below 2^-126 for 0, so numbers below 2^-110 lose their last ones. What is not finite gives what is not finite.
#pragma once
#include <immintrin.h>

#include "product.h"

namespace banyan {

constexpr int EDGE = 16;  // Rows of a tile; each has as many pairs of pieces.
constexpr int PIECES = 3;
constexpr std::int64_t DEPTH = 2 * EDGE;  // Of a step: the numbers that a row of tiles adds up.
constexpr std::int64_t STEP = PIECES * PANEL * DEPTH;  // Pieces of a step, of 32 rows or of a panel.
constexpr std::int64_t IN_SCRATCH = STEP * 2 / sizeof(float);  // What they take of scratch memory.
typedef std::uint16_t Piece;

inline std::int64_t stepsOf(std::int64_t depth) { return (depth + DEPTH - 1) / DEPTH; }

// The three pieces of each number, in the upper halves: cut off, rounded, and what is left.
struct Pieces {
  __m512i of[PIECES];

  explicit Pieces(__m512 x) {
    const __m512i upper = _mm512_set1_epi32(0xffff0000), half = _mm512_set1_epi32(0x8000);
    of[0] = _mm512_and_si512(_mm512_castps_si512(x), upper);
    const __m512 rest = _mm512_sub_ps(x, _mm512_castsi512_ps(of[0]));
    of[1] = _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(rest), half), upper);
    // Of what is below 2^-126 there may be bits in the lower half.
    of[2] = _mm512_and_si512(_mm512_castps_si512(_mm512_sub_ps(rest, _mm512_castsi512_ps(of[1]))), upper);
  }
};

// Where a row of one of the two tiles of a piece begins.
inline Piece* place(Piece* step, int piece, int tile, int row) {
  return step + ((piece * 2 + tile) * EDGE + row) * DEPTH;
}

// The pieces of 32 numbers that follow each other, each piece so far from the one before.
inline void putPieces(Piece* to, std::int64_t apart, __m512 first, __m512 second) {
  alignas(64) static constexpr Piece UPPER[DEPTH] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
                                                     33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  const __m512i upper = _mm512_load_si512(UPPER);
  const Pieces a(first), b(second);
#pragma GCC unroll 3
  for (int p = 0; p < PIECES; p++)
    _mm512_store_si512(to + p * apart, _mm512_permutex2var_epi16(a.of[p], upper, b.of[p]));
}

// A row of a left tile: numbers that follow each other in depth.
inline void putRow(Piece* step, int tile, int row, __m512 first, __m512 second) {
  putPieces(place(step, 0, tile, row), 2 * EDGE * DEPTH, first, second);
}

// A row of a right tile: the numbers of two rows of the matrix in pairs.
inline void putPairs(Piece* step, int tile, int row, __m512 even, __m512 odd) {
  const Pieces a(even), b(odd);
#pragma GCC unroll 3
  for (int p = 0; p < PIECES; p++)
    _mm512_store_si512(place(step, p, tile, row), _mm512_or_si512(_mm512_srli_epi32(a.of[p], 16), b.of[p]));
}

// The first `count` numbers, at most a vector of them, and zeros.
inline __m512 some(const float* from, std::int64_t count) {
  if (count >= EDGE) return _mm512_loadu_ps(from);
  return count <= 0 ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps((1u << count) - 1, from);
}

// A square of numbers whose upper left one is the first, turned round; what is outside of [height, width] is 0.
inline void turned(const float* from, std::int64_t stride, std::int64_t height, std::int64_t width, __m512 (&square)[EDGE]) {
  Vector rows[LANES];
#pragma GCC unroll 16
  for (int i = 0; i < EDGE; i++) rows[i] = i < height ? (Vector)some(from + i * stride, width) : Vector{};
  transpose(rows);
#pragma GCC unroll 16
  for (int i = 0; i < EDGE; i++) square[i] = (__m512)rows[i];
}

// A matrix in pieces: a left one, 32 rows after another, or a panel.
struct InPieces {
  const Piece* data;
  std::int64_t steps;
  InPieces band(std::int64_t i) const { return {data + i / PANEL * steps * STEP, steps}; }
  const Piece* at(std::int64_t step, int piece, int tile) const {
    return data + step * STEP + (piece * 2 + tile) * EDGE * DEPTH;
  }
  static constexpr std::int64_t bytes() { return DEPTH * sizeof(Piece); }  // From a row to the next.
};

// Products on tiles. While one is there, the thread's tiles are ours.
class OnTiles {
 public:
  OnTiles() {
    struct alignas(64) {
      std::uint8_t palette = 1, start = 0, reserved[14] = {};
      std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {EDGE, EDGE, EDGE, EDGE, EDGE, EDGE, EDGE, EDGE};
    } const shapes;
    _tile_loadconfig(&shapes);
  }
  ~OnTiles() { _tile_release(); }
  OnTiles(const OnTiles&) = delete;

  static constexpr std::int64_t BAND = 2 * EDGE;  // Rows of a left matrix that are packed at a time.

  static std::int64_t panelSize(std::int64_t depth) { return stepsOf(depth) * IN_SCRATCH; }
  static std::int64_t bandSize(std::int64_t depth) { return stepsOf(depth) * IN_SCRATCH; }

  static void packPanel(std::int64_t index, std::int64_t depth, std::int64_t width, const float* matrix, bool transposed,
                        float* panel) {
    Piece* step = reinterpret_cast<Piece*>(panel);
    for (std::int64_t k = 0; k < depth; k += DEPTH, step += STEP)
      for (int tile = 0; tile < 2; tile++) {
        const std::int64_t column = index * PANEL + tile * EDGE, columns = width - column, deep = depth - k;
        if (transposed) {
          __m512 square[EDGE];
          for (int half = 0; half < 2; half++) {
            turned(matrix + column * depth + k + half * EDGE, depth, columns, deep - half * EDGE, square);
#pragma GCC unroll 8
            for (int i = 0; i < EDGE; i += 2) putPairs(step, tile, (half * EDGE + i) / 2, square[i], square[i + 1]);
          }
          continue;
        }
        for (int i = 0; i < EDGE; i++) {
          const float* const row = matrix + (k + 2 * i) * width + column;
          putPairs(step, tile, i, some(row, 2 * i < deep ? columns : 0), some(row + width, 2 * i + 1 < deep ? columns : 0));
        }
      }
  }

  // Columns of a matrix [depth, width] as the rows of a band.
  static void packBand(std::int64_t index, std::int64_t depth, std::int64_t width, const float* matrix, float* band) {
    Piece* step = reinterpret_cast<Piece*>(band);
    for (std::int64_t k = 0; k < depth; k += DEPTH, step += STEP)
      for (int tile = 0; tile < 2; tile++) {
        const std::int64_t first = index * BAND + tile * EDGE;
        const float* const square = matrix + k * width + first;
        __m512 near[EDGE], far[EDGE];
        turned(square, width, depth - k, width - first, near);
        turned(square + EDGE * width, width, depth - k - EDGE, width - first, far);
#pragma GCC unroll 16
        for (int i = 0; i < EDGE; i++) putRow(step, tile, i, near[i], far[i]);
      }
  }
  static InPieces band(const float* packed, std::int64_t depth) {
    return {reinterpret_cast<const Piece*>(packed), stepsOf(depth)};
  }

  // Rows of a matrix as a left one, in scratch memory; they are packed share by share, which costs little beside a product.
  class Rows {
   public:
    Rows(int number, std::int64_t height, std::int64_t depth, const float* matrix, std::int64_t stride)
        : height(height), depth(depth), stride(stride), matrix(matrix),
          pieces(reinterpret_cast<Piece*>(scratch(number, (height + BAND - 1) / BAND * bandSize(depth)))) {}

    void bring(std::int64_t share, std::int64_t shares) const {
      const std::int64_t steps = stepsOf(depth);
      for (std::int64_t i = height * share / shares; i < height * (share + 1) / shares; i++) {
        const float* const row = matrix + i * stride;
        Piece* step = pieces + i / BAND * steps * STEP;
        for (std::int64_t k = 0; k < depth; k += DEPTH, step += STEP)
          putRow(step, i / EDGE % 2, i % EDGE, some(row + k, depth - k), some(row + k + EDGE, depth - k - EDGE));
      }
    }
    InPieces left() const { return {pieces, stepsOf(depth)}; }

   private:
    std::int64_t height, depth, stride;
    const float* matrix;
    Piece* pieces;
  };

  // As on vectors.
  template <bool ADD, class Left, class Finish>
  static void multiplyPanel(std::int64_t height, std::int64_t columns, std::int64_t, const Left& left,
                            const float* panel, float* result, std::int64_t resultStride, const Finish& finish) {
    const InPieces right{reinterpret_cast<const Piece*>(panel), left.steps};
    for (std::int64_t i = 0; i < height; i += BAND) {
      const std::int64_t rows = std::min(BAND, height - i);
      float* const to = result + i * resultStride;
      if (rows == BAND && columns == PANEL) {
        sums<ADD, 2, 2>(left.band(i), right, to, resultStride, finish);
        continue;
      }
      alignas(64) float whole[BAND * PANEL];
      if (ADD)
        for (std::int64_t r = 0; r < rows; r++) std::copy_n(to + r * resultStride, columns, whole + r * PANEL);
      if (rows > EDGE && columns > EDGE)
        sums<ADD, 2, 2>(left.band(i), right, whole, PANEL, finish);
      else if (rows > EDGE)
        sums<ADD, 2, 1>(left.band(i), right, whole, PANEL, finish);
      else if (columns > EDGE)
        sums<ADD, 1, 2>(left.band(i), right, whole, PANEL, finish);
      else
        sums<ADD, 1, 1>(left.band(i), right, whole, PANEL, finish);
      for (std::int64_t r = 0; r < rows; r++) std::copy_n(whole + r * PANEL, columns, to + r * resultStride);
    }
  }

 private:
  // The sums of HIGH times WIDE tiles, on top of what is there, or of a bias. The compiler does not know what tiles read: it must
  // have written it before.
  template <bool ADD, int HIGH, int WIDE, class Left, class Finish>
  static void sums(const Left& left, const InPieces& right, float* to, std::int64_t stride, const Finish& finish) {
    constexpr bool BIASED = std::is_same_v<Finish, WithBias>;
    const std::int64_t bytes = stride * sizeof(float);
    asm volatile("" ::: "memory");
    if (ADD) {
      _tile_loadd(0, to, bytes);
      if (WIDE > 1) _tile_loadd(1, to + EDGE, bytes);
      if (HIGH > 1) _tile_loadd(2, to + EDGE * stride, bytes);
      if (HIGH > 1 && WIDE > 1) _tile_loadd(3, to + EDGE * stride + EDGE, bytes);
    } else if constexpr (BIASED) {
      // All rows of a tile from the same one.
      _tile_loadd(0, finish.bias, 0);
      if (WIDE > 1) _tile_loadd(1, finish.bias + EDGE, 0);
      if (HIGH > 1) _tile_loadd(2, finish.bias, 0);
      if (HIGH > 1 && WIDE > 1) _tile_loadd(3, finish.bias + EDGE, 0);
    } else {
      _tile_zero(0);
      if (WIDE > 1) _tile_zero(1);
      if (HIGH > 1) _tile_zero(2);
      if (HIGH > 1 && WIDE > 1) _tile_zero(3);
    }
    std::int64_t step = 0;
    const auto takeLeft = [&](int piece) __attribute__((always_inline)) {
      _tile_loadd(4, left.at(step, piece, 0), left.bytes());
      if (HIGH > 1) _tile_loadd(5, left.at(step, piece, 1), left.bytes());
    };
    const auto takeRight = [&](int piece) __attribute__((always_inline)) {
      _tile_loadd(6, right.at(step, piece, 0), right.bytes());
      if (WIDE > 1) _tile_loadd(7, right.at(step, piece, 1), right.bytes());
    };
    const auto add = []() __attribute__((always_inline)) {
      _tile_dpbf16ps(0, 4, 6);
      if (WIDE > 1) _tile_dpbf16ps(1, 4, 7);
      if (HIGH > 1) _tile_dpbf16ps(2, 5, 6);
      if (HIGH > 1 && WIDE > 1) _tile_dpbf16ps(3, 5, 7);
    };
    // In an order in which each product needs but one piece that is not there yet.
    for (; step < left.steps; step++) {
      takeLeft(0);
      takeRight(2);
      add();
      takeRight(1);
      add();
      takeLeft(1);
      add();
      takeRight(0);
      add();
      takeLeft(0);
      add();
      takeLeft(2);
      add();
    }
    _tile_stored(0, to, bytes);
    if (WIDE > 1) _tile_stored(1, to + EDGE, bytes);
    if (HIGH > 1) _tile_stored(2, to + EDGE * stride, bytes);
    if (HIGH > 1 && WIDE > 1) _tile_stored(3, to + EDGE * stride + EDGE, bytes);
    asm volatile("" ::: "memory");
    if constexpr (BIASED)
      if (finish.rectified)
        for (int i = 0; i < HIGH * EDGE; i++)
#pragma GCC unroll 2
          for (int j = 0; j < WIDE; j++) {
            float* const y = to + i * stride + j * LANES;
            store(y, rectify(load(y)));
          }
  }
};

}  // namespace banyan
