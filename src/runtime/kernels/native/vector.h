// Vectors of float32 as the compiler knows them, as wide as the instructions this is compiled for.
#pragma once
#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace banyan {

#ifdef __AVX512F__
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));
typedef std::int32_t Integers __attribute__((vector_size(LANES * sizeof(float))));

inline Vector load(const float* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

inline void store(float* to, Vector v) { std::memcpy(to, &v, sizeof v); }

inline Vector all(float x) { return Vector{} + x; }

inline Vector squareRoot(Vector x) {
#ifdef __AVX512F__
  return (Vector)_mm512_sqrt_ps((__m512)x);
#else
  return (Vector)_mm256_sqrt_ps((__m256)x);
#endif
}

// The lanes taken together, by halves.
template <class Combine>
inline float reduce(Vector v, const Combine& combine) {
  typedef float Four __attribute__((vector_size(16)));
  Four parts[LANES / 4];
  std::memcpy(parts, &v, sizeof v);
#pragma GCC unroll 2
  for (int half = LANES / 8; half > 0; half /= 2)
#pragma GCC unroll 2
    for (int i = 0; i < half; i++) parts[i] = combine(parts[i], parts[i + half]);
  const Four last = parts[0];
  return combine(combine(last[0], last[2]), combine(last[1], last[3]));
}

inline float sum(Vector v) {
  return reduce(v, [](auto a, auto b) { return a + b; });
}

// The higher one, lane by lane; not a number where one is not.
template <class Lanes>
inline Lanes higher(Lanes a, Lanes b) {
  return a >= b ? a : (b >= a ? b : a + b);
}

inline float highest(Vector v) {
  return reduce(v, [](auto a, auto b) { return higher(a, b); });
}

// The vectors as rows of a square matrix become its columns: interleaving the halves, as often as the lanes can be halved.
inline void transpose(Vector (&rows)[LANES]) {
  Integers low, high;
  for (int i = 0; i < LANES; i++) {
    low[i] = i / 2 + i % 2 * LANES;
    high[i] = low[i] + LANES / 2;
  }
#pragma GCC unroll 4
  for (int half = LANES / 2; half > 0; half /= 2) {
    Vector next[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < LANES / 2; i++) {
      next[2 * i] = __builtin_shuffle(rows[i], rows[i + LANES / 2], low);
      next[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + LANES / 2], high);
    }
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++) rows[i] = next[i];
  }
}

// to [width, height] = the transpose of from [height, width], whose rows are `fromStride` and `toStride` apart.
inline void transpose(std::int64_t height, std::int64_t width, const float* from, std::int64_t fromStride, float* to,
                      std::int64_t toStride) {
  const std::int64_t wholeRows = height / LANES * LANES, wholeColumns = width / LANES * LANES;
  for (std::int64_t i = 0; i < wholeRows; i += LANES)
    for (std::int64_t j = 0; j < wholeColumns; j += LANES) {
      Vector square[LANES];
      for (int k = 0; k < LANES; k++) square[k] = load(from + (i + k) * fromStride + j);
      transpose(square);
      for (int k = 0; k < LANES; k++) store(to + (j + k) * toStride + i, square[k]);
    }
  for (std::int64_t i = 0; i < height; i++)
    for (std::int64_t j = i < wholeRows ? wholeColumns : 0; j < width; j++) to[j * toStride + i] = from[i * fromStride + j];
}

inline std::int64_t roundUp(std::int64_t n) { return (n + LANES - 1) / LANES * LANES; }

// exp(x) for x <= 88, within 2 units of the last place: 2^n times a polynomial of the rest in [-ln 2 / 2, ln 2 / 2] (Cephes).
// Below -87 it is 0.
inline Vector exponential(Vector x) {
  const Vector magic = all(12582912.0f);  // 1.5 * 2^23: what is added to it is rounded to a whole number.
  const Vector n = (x * 1.44269504f + magic) - magic;
  const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const Integers power = (__builtin_convertvector(n, Integers) + 127) << 23;
  const Vector value = p * (Vector)power;
  return x < all(-87.0f) ? Vector{} : value;
}

}  // namespace banyan
