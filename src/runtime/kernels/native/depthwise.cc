// A convolution of each channel over the positions of a sequence, with a dilation, and its gradients (Chollet 2017, "Xception", of one
// dimension). What lies outside the sequence is 0, so there are as many positions after it as before.
#include "kernels.h"
#include "operation.h"
#include "rows.h"

namespace banyan {
namespace {

constexpr std::int64_t TILE = 8;  // Positions, or places of the filter, whose sums stay in registers.

// Channels that are computed at once.
struct Several {
  using Value = Vector;
  static Value read(const float* from) { return load(from); }
  static void write(float* to, Value value) { store(to, value); }
};
struct Single {
  using Value = float;
  static Value read(const float* from) { return *from; }
  static void write(float* to, Value value) { *to = value; }
};

// work(Lanes(), channel) for all channels.
template <class Work>
inline void eachChannel(std::int64_t width, const Work& work) {
  std::int64_t channel = 0;
  for (; channel + LANES <= width; channel += LANES) work(Several(), channel);
  for (; channel < width; channel++) work(Single(), channel);
}

// From the first to before the last.
struct Range {
  std::int64_t first, end;
};

std::int64_t above(std::int64_t n, std::int64_t divisor) { return n <= 0 ? 0 : (n + divisor - 1) / divisor; }

// Position t is the sum over the filter's places i of what is at t + i * dilation - left.
struct Sequence {
  const std::int64_t batch, positions, width, places, dilation, left;

  Sequence(const Tensor& x, const Tensor& filter, std::int64_t dilation, std::int64_t left)
      : batch(at(x, 0)), positions(at(x, 1)), width(at(x, 2)), places(at(filter, 0)), dilation(dilation), left(left) {
    expect(x.shape() == Shape{batch, positions, width} && filter.size() == places * width && places >= 1 && dilation >= 1 &&
               left >= 0 && left <= (places - 1) * dilation,
           "x [batch, positions, width], a filter [places, 1, width, 1], and no more to the left than it covers");
  }

  // The places of the filter that see something from position t.
  Range placesAt(std::int64_t t) const {
    return {std::min(places, above(left - t, dilation)), std::min(places, above(positions + left - t, dilation))};
  }

  // The positions from which a place of the filter sees something.
  Range positionsAt(std::int64_t place) const {
    const std::int64_t shift = place * dilation - left;
    return {std::clamp<std::int64_t>(-shift, 0, positions), std::clamp<std::int64_t>(positions - shift, 0, positions)};
  }

 private:
  static std::int64_t at(const Tensor& tensor, std::size_t axis) {
    return axis < tensor.shape().size() ? tensor.shape()[axis] : 0;
  }
};

// With `flipped`, the filter is read from its end, as the gradient by x needs it.
class Depthwise {
 public:
  explicit Depthwise(Attributes& attributes)
      : dilation(attributes.integer("dilation")), left(attributes.integer("left")), flipped(attributes.truth("flipped")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), filter = call.input(1);
    const Sequence sequence(x, filter, dilation, left);
    const Tensor y = call.output(0, x.shape());
    const std::int64_t width = sequence.width, positions = sequence.positions, last = sequence.places - 1;
    const float* const begin = filter.data() + (flipped ? last * width : 0);
    const std::int64_t step = flipped ? -width : width;
    const std::int64_t tiles = (positions + TILE - 1) / TILE;
    parallelEach(sequence.batch * tiles, together(TILE * sequence.places * width), [&](std::int64_t index) {
      const std::int64_t from = index % tiles * TILE, start = index / tiles * positions * width;
      const float* const read = x.data() + start;
      float* const write = y.data() + start;
      if (from + TILE <= positions)
        tile<TILE>(sequence, from, read, begin, step, write);
      else
        for (std::int64_t t = from; t < positions; t++) tile<1>(sequence, t, read, begin, step, write);
    });
  }

 private:
  template <std::int64_t COUNT>
  static void tile(const Sequence& sequence, std::int64_t from, const float* x, const float* filter, std::int64_t step,
                   float* y) {
    const std::int64_t width = sequence.width;
    Range ranges[COUNT];
    Range all{0, sequence.places};
    for (std::int64_t k = 0; k < COUNT; k++) {
      ranges[k] = sequence.placesAt(from + k);
      all = {std::max(all.first, ranges[k].first), std::min(all.end, ranges[k].end)};
    }
    all.end = std::max(all.end, all.first);
    eachChannel(width, [&](auto lanes, std::int64_t channel) {
      using Lanes = decltype(lanes);
      typename Lanes::Value sums[COUNT] = {};
      const auto seen = [&](std::int64_t t, std::int64_t place) {
        return Lanes::read(x + (t + place * sequence.dilation - sequence.left) * width + channel);
      };
      const auto weight = [&](std::int64_t place) { return Lanes::read(filter + place * step + channel); };
      for (std::int64_t place = all.first; place < all.end; place++) {
        const auto factor = weight(place);
#pragma GCC unroll 8
        for (std::int64_t k = 0; k < COUNT; k++) sums[k] += factor * seen(from + k, place);
      }
#pragma GCC unroll 8
      for (std::int64_t k = 0; k < COUNT; k++) {
        const auto rest = [&](std::int64_t first, std::int64_t end) {
          for (std::int64_t place = first; place < end; place++) sums[k] += weight(place) * seen(from + k, place);
        };
        rest(ranges[k].first, std::min(all.first, ranges[k].end));
        rest(std::max(all.end, ranges[k].first), ranges[k].end);
        Lanes::write(y + (from + k) * width + channel, sums[k]);
      }
    });
  }

  const std::int64_t dilation, left;
  const bool flipped;
};

class DepthwiseGradOfFilter {
 public:
  explicit DepthwiseGradOfFilter(Attributes& attributes)
      : dilation(attributes.integer("dilation")), left(attributes.integer("left")) {}

  void compute(Call& call) const {
    const Tensor x = call.input(0), dy = call.input(1), filter = call.input(2);
    const Sequence sequence(x, filter, dilation, left);
    expect(dy.shape() == x.shape(), "dy of the shape of x");
    const Tensor dFilter = call.output(0, filter.shape());
    const std::int64_t size = filter.size(), sample = sequence.positions * sequence.width;
    // Samples whose sums are added up in a part.
    const std::int64_t each = together(sample * sequence.places), parts = (sequence.batch + each - 1) / each;
    std::vector<float> sums(parts * size);
    parallel(parts, [&](std::int64_t part) {
      for (std::int64_t b = part * each; b < std::min(sequence.batch, (part + 1) * each); b++)
        for (std::int64_t place = 0; place < sequence.places; place += TILE)
          places(sequence, place, x.data() + b * sample, dy.data() + b * sample, sums.data() + part * size);
    });
    std::fill_n(dFilter.data(), size, 0.0f);
    for (std::int64_t part = 0; part < parts; part++)
      for (std::int64_t i = 0; i < size; i++) dFilter.data()[i] += sums[part * size + i];
  }

 private:
  static void places(const Sequence& sequence, std::int64_t from, const float* x, const float* dy, float* sums) {
    if (from + TILE <= sequence.places) return tile<TILE>(sequence, from, x, dy, sums);
    for (std::int64_t place = from; place < sequence.places; place++) tile<1>(sequence, place, x, dy, sums);
  }

  template <std::int64_t COUNT>
  static void tile(const Sequence& sequence, std::int64_t from, const float* x, const float* dy, float* sums) {
    const std::int64_t width = sequence.width;
    Range ranges[COUNT];
    Range all{0, sequence.positions};
    for (std::int64_t k = 0; k < COUNT; k++) {
      ranges[k] = sequence.positionsAt(from + k);
      all = {std::max(all.first, ranges[k].first), std::min(all.end, ranges[k].end)};
    }
    all.end = std::max(all.end, all.first);
    eachChannel(width, [&](auto lanes, std::int64_t channel) {
      using Lanes = decltype(lanes);
      typename Lanes::Value totals[COUNT] = {};
      const auto seen = [&](std::int64_t t, std::int64_t place) {
        return Lanes::read(x + (t + place * sequence.dilation - sequence.left) * width + channel);
      };
      const auto slope = [&](std::int64_t t) { return Lanes::read(dy + t * width + channel); };
      for (std::int64_t t = all.first; t < all.end; t++) {
        const auto factor = slope(t);
#pragma GCC unroll 8
        for (std::int64_t k = 0; k < COUNT; k++) totals[k] += factor * seen(t, from + k);
      }
#pragma GCC unroll 8
      for (std::int64_t k = 0; k < COUNT; k++) {
        const auto rest = [&](std::int64_t first, std::int64_t end) {
          for (std::int64_t t = first; t < end; t++) totals[k] += slope(t) * seen(t, from + k);
        };
        rest(ranges[k].first, std::min(all.first, ranges[k].end));
        rest(std::max(all.end, ranges[k].first), ranges[k].end);
        float* const total = sums + (from + k) * width + channel;
        Lanes::write(total, Lanes::read(total) + totals[k]);
      }
    });
  }

  const std::int64_t dilation, left;
};

}  // namespace

void registerDepthwise() {
  define({"BanyanDepthwise",
          {"dilation: int", "left: int", "flipped: bool"},
          {"x: float", "filter: float"},
          {"y: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 0); }});
  implement<Depthwise>("BanyanDepthwise");
  define({"BanyanDepthwiseGradOfFilter",
          {"dilation: int", "left: int"},
          {"x: float", "dy: float", "filter: float"},
          {"dfilter: float"},
          [](TF_ShapeInferenceContext* context, TF_Status* status) { Shapes(context, status).same(0, 2); }});
  implement<DepthwiseGradOfFilter>("BanyanDepthwiseGradOfFilter");
}

}  // namespace banyan
