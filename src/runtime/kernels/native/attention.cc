// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) over packed queries, keys and values, a block of queries
// at a time: no matrix of all weights is written to memory, and the gradient makes them anew from the highest score and
// the sum of each query (Dao 2023).
#include <algorithm>

#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "product.h"
#include "scratch.h"

namespace banyan {
namespace {

constexpr std::int64_t QUERIES = 64;
constexpr float NEVER = -1e9f;     // Added to the score of a position that is none: its weight is 0 where any is not.
constexpr float PADDING = -1e30f;  // Of what only fills up a vector: its weight is 0 always.

// Sizes of one call, and of its work for one head of one example.
struct Sizes {
  std::int64_t batch, positions, heads, size;
  const std::int64_t token = 3 * heads * size;  // Numbers between a position's query and the next one's.
  const std::int64_t wide = roundUp(size), keys = roundUp(positions);
  const float scale = 1 / std::sqrt(static_cast<float>(size));
};

Sizes sizesOf(const Tensor& packed, const Tensor& mask) {
  const Shape& shape = packed.shape();
  expect(shape.size() == 5 && shape[2] == 3, "queries, keys and values [batch, positions, 3, heads, size]");
  expect(mask.size() == 0 || (mask.shape() == Shape{shape[0], shape[1]}), "a mask [batch, positions] or [0]");
  return {shape[0], shape[1], shape[3], shape[4]};
}

// Rows of one head, `stride` numbers apart, as a matrix [positions, wide] filled up with zeros.
void pack(const Sizes& sizes, const float* from, std::int64_t stride, float* to) {
  for (std::int64_t i = 0; i < sizes.positions; i++) {
    std::copy_n(from + i * stride, sizes.size, to + i * sizes.wide);
    std::fill_n(to + i * sizes.wide + sizes.size, sizes.wide - sizes.size, 0.0f);
  }
}

// The same, transposed: [size, keys].
void packTransposed(const Sizes& sizes, const float* from, std::int64_t stride, float* to) {
  transpose(sizes.positions, sizes.size, from, stride, to, sizes.keys);
  if (sizes.keys == sizes.positions) return;
  for (std::int64_t j = 0; j < sizes.size; j++)
    std::fill_n(to + j * sizes.keys + sizes.positions, sizes.keys - sizes.positions, 0.0f);
}

// What is added to the scores of one example's keys.
void offsets(const Sizes& sizes, const Tensor& mask, std::int64_t example, float* to) {
  for (std::int64_t i = 0; i < sizes.positions; i++)
    to[i] = mask.size() == 0 ? 0 : (1 - mask.data()[example * sizes.positions + i]) * NEVER;
  std::fill_n(to + sizes.positions, sizes.keys - sizes.positions, PADDING);
}

template <class Work>
void eachHead(const Sizes& sizes, const Work& work) {
  // Heads go together until there is enough for a thread to do.
  const std::int64_t products = sizes.positions * sizes.keys * sizes.size;
  parallelEach(sizes.batch * sizes.heads, together(products, ENOUGH / 2),
               [&](std::int64_t i) { work(i / sizes.heads, i % sizes.heads); });
}

class Attention {
 public:
  explicit Attention(Attributes&) {}

  void compute(Call& call) const {
    const Tensor packed = call.input(0), mask = call.input(1);
    const Sizes sizes = sizesOf(packed, mask);
    const std::int64_t batch = sizes.batch, positions = sizes.positions, heads = sizes.heads, size = sizes.size;
    const Tensor mixed = call.output(0, {batch, positions, heads, size});
    const Tensor statistics = call.output(1, {batch, positions, heads, 2});
    eachHead(sizes, [&](std::int64_t example, std::int64_t head) {
      const float* const query = packed.data() + example * positions * sizes.token + head * size;
      const std::int64_t first = example * positions * heads + head;
      attend(sizes, mask, example, query, mixed.data() + first * size, statistics.data() + 2 * first);
    });
  }

 private:
  static void attend(const Sizes& sizes, const Tensor& mask, std::int64_t example, const float* query, float* mixed,
                  float* statistics) {
    const std::int64_t positions = sizes.positions, heads = sizes.heads, size = sizes.size, keys = sizes.keys,
                       wide = sizes.wide;
    float* const key = scratch(0, size * keys);  // transposed
    float* const value = scratch(1, positions * wide);
    float* const offset = scratch(2, keys);
    float* const weights = scratch(3, QUERIES * keys);
    float* const result = scratch(4, QUERIES * wide);
    packTransposed(sizes, query + heads * size, sizes.token, key);
    pack(sizes, query + 2 * heads * size, sizes.token, value);
    offsets(sizes, mask, example, offset);
    for (std::int64_t block = 0; block < positions; block += QUERIES) {
      const std::int64_t count = std::min(QUERIES, positions - block);
      multiply<false>(count, keys, size, Strided{query + block * sizes.token, sizes.token, 1}, key, keys, weights, keys);
      float inverse[QUERIES];
      for (std::int64_t i = 0; i < count; i++) {
        float* const row = weights + i * keys;
        Vector most = all(PADDING);
        for (std::int64_t j = 0; j < keys; j += LANES) {
          const Vector score = load(row + j) * sizes.scale + load(offset + j);
          store(row + j, score);
          most = score < most ? most : score;  // What is not a number stays.
        }
        const float top = highest(most);
        Vector sums{};
        for (std::int64_t j = 0; j < keys; j += LANES) {
          const Vector weight = exponential(load(row + j) - top);
          store(row + j, weight);
          sums += weight;
        }
        inverse[i] = 1 / sum(sums);
        statistics[2 * (block + i) * heads] = top;
        statistics[2 * (block + i) * heads + 1] = inverse[i];
      }
      multiply<false>(count, wide, positions, Strided{weights, keys, 1}, value, wide, result, wide);
      for (std::int64_t i = 0; i < count; i++)
        for (std::int64_t j = 0; j < size; j++)
          mixed[(block + i) * heads * size + j] = result[i * wide + j] * inverse[i];
    }
  }
};

class AttentionGrad {
 public:
  explicit AttentionGrad(Attributes&) {}

  void compute(Call& call) const {
    const Tensor gradient = call.input(0), packed = call.input(1), mask = call.input(2), statistics = call.input(3);
    const Sizes sizes = sizesOf(packed, mask);
    const std::int64_t batch = sizes.batch, positions = sizes.positions, heads = sizes.heads, size = sizes.size;
    expect(gradient.size() == batch * positions * heads * size && statistics.size() == 2 * batch * positions * heads,
           "dy [batch, positions, heads, size] and statistics [batch, positions, heads, 2]");
    const Tensor result = call.output(0, packed.shape());
    eachHead(sizes, [&](std::int64_t example, std::int64_t head) {
      const std::int64_t begin = example * positions * sizes.token + head * size;
      const std::int64_t first = example * positions * heads + head;
      attend(sizes, mask, example, gradient.data() + first * size, packed.data() + begin,
          statistics.data() + 2 * first, result.data() + begin);
    });
  }

 private:
  static void attend(const Sizes& sizes, const Tensor& mask, std::int64_t example, const float* gradient,
                  const float* query, const float* statistics, float* result) {
    const std::int64_t positions = sizes.positions, heads = sizes.heads, size = sizes.size, keys = sizes.keys,
                       wide = sizes.wide;
    const std::int64_t row = heads * size;  // Numbers between two rows of the gradient.
    float* const transposed = scratch(0, 2 * size * keys);
    float *const key = transposed, *const value = transposed + size * keys;
    float* const straight = scratch(1, 3 * positions * wide);
    float *const queries = straight, *const keyRows = queries + positions * wide;
    float* const gradients = keyRows + positions * wide;
    float* const offset = scratch(2, keys);
    float* const weights = scratch(3, QUERIES * keys);
    float* const slopes = scratch(4, QUERIES * keys);
    float* const ofQuery = scratch(5, QUERIES * wide);
    float* const sums = scratch(6, 2 * positions * wide);
    float *const ofKey = sums, *const ofValue = sums + positions * wide;
    packTransposed(sizes, query + row, sizes.token, key);
    packTransposed(sizes, query + 2 * row, sizes.token, value);
    pack(sizes, query, sizes.token, queries);
    pack(sizes, query + row, sizes.token, keyRows);
    pack(sizes, gradient, row, gradients);
    offsets(sizes, mask, example, offset);
    std::fill_n(sums, 2 * positions * wide, 0.0f);
    for (std::int64_t block = 0; block < positions; block += QUERIES) {
      const std::int64_t count = std::min(QUERIES, positions - block);
      const float* const blockOfQueries = queries + block * wide;
      const float* const blockOfGradients = gradients + block * wide;
      multiply<false>(count, keys, size, Strided{blockOfQueries, wide, 1}, key, keys, weights, keys);
      multiply<false>(count, keys, size, Strided{blockOfGradients, wide, 1}, value, keys, slopes, keys);
      for (std::int64_t i = 0; i < count; i++) {
        const float top = statistics[2 * (block + i) * heads], inverse = statistics[2 * (block + i) * heads + 1];
        Vector products{};
        for (std::int64_t j = 0; j < keys; j += LANES) {
          float* const weight = weights + i * keys + j;
          const Vector p = exponential(load(weight) * sizes.scale + load(offset + j) - top) * inverse;
          store(weight, p);
          products += p * load(slopes + i * keys + j);
        }
        const float inner = sum(products);
        for (std::int64_t j = 0; j < keys; j += LANES) {
          float* const slope = slopes + i * keys + j;
          store(slope, load(weights + i * keys + j) * (load(slope) - inner) * sizes.scale);
        }
      }
      multiply<true>(positions, wide, count, Strided{weights, 1, keys}, blockOfGradients, wide, ofValue, wide);
      multiply<true>(positions, wide, count, Strided{slopes, 1, keys}, blockOfQueries, wide, ofKey, wide);
      multiply<false>(count, wide, positions, Strided{slopes, keys, 1}, keyRows, wide, ofQuery, wide);
      for (std::int64_t i = 0; i < count; i++)
        std::copy_n(ofQuery + i * wide, size, result + (block + i) * sizes.token);
    }
    for (std::int64_t i = 0; i < positions; i++) {
      std::copy_n(ofKey + i * wide, size, result + i * sizes.token + row);
      std::copy_n(ofValue + i * wide, size, result + i * sizes.token + 2 * row);
    }
  }
};

}  // namespace

void registerAttention() {
  define({"BanyanAttention", {}, {"packed: float", "mask: float"}, {"mixed: float", "statistics: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes shapes(context, status);
            shapes.set(0, {axis(0, 0), axis(0, 1), axis(0, 3), axis(0, 4)});
            shapes.set(1, {axis(0, 0), axis(0, 1), axis(0, 3), size(2)});
          }});
  implement<Attention>("BanyanAttention");
  define({"BanyanAttentionGrad",
          {},
          {"dy: float", "packed: float", "mask: float", "statistics: float"},
          {"dpacked: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 1); }});
  implement<AttentionGrad>("BanyanAttentionGrad");
}

}  // namespace banyan
