// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) of one position of sequences that are written: to what was kept of
// those before it and itself, or to what was read. All heads of a row are computed together, straight from where keys and values lie.
#include <limits>

#include "kept.h"
#include "kernels.h"
#include "operation.h"
#include "parallel.h"
#include "scratch.h"
#include "vector.h"

namespace banyan {
namespace {

constexpr float NEVER = -1e9f;  // Added to the score of a position that is none: its weight is 0 where any is not.
constexpr float PADDING = -std::numeric_limits<float>::infinity();  // Of what only fills up a vector.
constexpr int WEIGHTS = 0;                                          // Scratch memory.

// scores [count, rounded up] become weights that add up to 1.
inline void soften(float* scores, std::int64_t count) {
  const std::int64_t wide = roundUp(count);
  std::fill(scores + count, scores + wide, PADDING);
  Vector most = all(PADDING);
  for (std::int64_t t = 0; t < wide; t += LANES) {
    const Vector score = load(scores + t);
    most = score < most ? most : score;  // What is not a number stays.
  }
  const float top = highest(most);
  Vector sums{};
  for (std::int64_t t = 0; t < wide; t += LANES) {
    const Vector weight = exponential(load(scores + t) - top);
    store(scores + t, weight);
    sums += weight;
  }
  const float inverse = 1 / sum(sums);
  for (std::int64_t t = 0; t < wide; t += LANES) store(scores + t, load(scores + t) * inverse);
}

// Of a head's numbers, so many vectors.
template <int VECTORS>
struct Whole {
  static float product(const float* a, const float* b, std::int64_t) {
    Vector sums{};
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) sums += load(a + v * LANES) * load(b + v * LANES);
    return sum(sums);
  }

  // to [size] = the sum of count rows, each times its weight.
  template <class ValueOf>
  static void mix(const float* weights, std::int64_t count, std::int64_t, const ValueOf& valueOf, float* to) {
    Vector sums[VECTORS] = {};
    for (std::int64_t t = 0; t < count; t++) {
      const float* const value = valueOf(t);
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) sums[v] += weights[t] * load(value + v * LANES);
    }
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) store(to + v * LANES, sums[v]);
  }
};

// Of a head's numbers, any number.
struct Any {
  static float product(const float* a, const float* b, std::int64_t size) {
    float total = 0;
    for (std::int64_t j = 0; j < size; j++) total += a[j] * b[j];
    return total;
  }

  template <class ValueOf>
  static void mix(const float* weights, std::int64_t count, std::int64_t size, const ValueOf& valueOf, float* to) {
    std::fill_n(to, size, 0.0f);
    for (std::int64_t t = 0; t < count; t++) {
      const float* const value = valueOf(t);
      for (std::int64_t j = 0; j < size; j++) to[j] += weights[t] * value[j];
    }
  }
};

// to [heads, size] = what one query finds in `count` positions. `rowOf(t)`: keys of all heads, then their values.
template <class Head, class RowOf, class OffsetOf>
void attendBy(const float* query, std::int64_t heads, std::int64_t size, std::int64_t count, const RowOf& rowOf,
              const OffsetOf& offsetOf, float* to) {
  const std::int64_t width = heads * size;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  float* const weights = scratch(WEIGHTS, roundUp(count));
  for (std::int64_t from = 0; from < width; from += size) {
    for (std::int64_t t = 0; t < count; t++)
      weights[t] = Head::product(query + from, rowOf(t) + from, size) * scale + offsetOf(t);
    soften(weights, count);
    Head::mix(weights, count, size, [&](std::int64_t t) { return rowOf(t) + width + from; }, to + from);
  }
}

template <class RowOf, class OffsetOf>
void attend(const float* query, std::int64_t heads, std::int64_t size, std::int64_t count, const RowOf& rowOf,
            const OffsetOf& offsetOf, float* to) {
  const auto by = [&](auto head) { attendBy<decltype(head)>(query, heads, size, count, rowOf, offsetOf, to); };
  if (size == LANES) return by(Whole<1>());
  if (size == 2 * LANES) return by(Whole<2>());
  if (size == 4 * LANES) return by(Whole<4>());
  by(Any());
}

std::int64_t axisOf(const Tensor& tensor, std::size_t axis) {
  return axis < tensor.shape().size() ? tensor.shape()[axis] : 0;
}

class AttentionAt {
 public:
  explicit AttentionAt(Attributes& attributes) : heads(attributes.integer("heads")) {}

  void compute(Call& call) const {
    const Tensor packed = call.input(0), memory = call.input(1), lines = call.input(2), at = call.input(3);
    const Kept kept(memory, lines, at);
    const std::int64_t width = kept.width / 2;
    expect(kept.width == 2 * width && heads >= 1 && width % heads == 0 && packed.shape() == Shape{kept.rows, 3, width} &&
               kept.slots > kept.at,
           "queries, keys and values [rows, 3, width], a memory [rows, length, 2 * width], and heads that divide the width");
    const Tensor mixed = call.output(0, {kept.rows, 1, width});
    parallelEach(kept.rows, together(2 * (kept.at + 1) * width), [&](std::int64_t row) {
      const float* const query = packed.data() + row * 3 * width;
      std::copy_n(query + width, 2 * width, kept.now(row));
      const auto rowOf = [&](std::int64_t t) { return t == kept.at ? query + width : kept.before(row, t); };
      attend(query, heads, width / heads, kept.at + 1, rowOf, [](std::int64_t) { return 0.0f; }, mixed.data() + row * width);
    });
  }

 private:
  const std::int64_t heads;
};

class SourceAttentionAt {
 public:
  explicit SourceAttentionAt(Attributes& attributes) : heads(attributes.integer("heads")) {}

  void compute(Call& call) const {
    const Tensor queries = call.input(0), source = call.input(1), mask = call.input(2);
    const std::int64_t rows = axisOf(queries, 0), width = axisOf(queries, 2), positions = axisOf(source, 1);
    expect(queries.shape() == Shape{rows, 1, width} && source.shape() == Shape{rows, positions, 2 * width} && positions >= 1 &&
               heads >= 1 && width % heads == 0,
           "queries [rows, 1, width], keys and values [rows, positions, 2 * width], and heads that divide the width");
    expect(mask.size() == 0 || (mask.shape() == Shape{rows, positions}), "a mask [rows, positions] or [0]");
    const Tensor mixed = call.output(0, queries.shape());
    parallelEach(rows, together(2 * positions * width), [&](std::int64_t row) {
      const float* const begin = source.data() + row * positions * 2 * width;
      const float* const seen = mask.size() == 0 ? nullptr : mask.data() + row * positions;
      const auto offsetOf = [&](std::int64_t t) { return seen == nullptr ? 0 : (1 - seen[t]) * NEVER; };
      attend(queries.data() + row * width, heads, width / heads, positions,
             [&](std::int64_t t) { return begin + t * 2 * width; }, offsetOf, mixed.data() + row * width);
    });
  }

 private:
  const std::int64_t heads;
};

}  // namespace

void registerAttentionAt() {
  define({"BanyanAttentionAt",
          {"heads: int"},
          {"packed: float", "memory: float", "lines: int32", "at: int32"},
          {"mixed: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) {
            Shapes(context, status).set(0, {axis(0, 0), size(1), axis(0, 2)});
          }});
  implement<AttentionAt>("BanyanAttentionAt");
  define({"BanyanSourceAttentionAt",
          {"heads: int"},
          {"queries: float", "source: float", "mask: float"},
          {"mixed: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 0); }});
  implement<SourceAttentionAt>("BanyanSourceAttentionAt");
}

}  // namespace banyan
