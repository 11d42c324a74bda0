// Work on the rows of a matrix, in parts that depend on the matrix alone, so that sums over them are the same on any number
// of threads.
#pragma once
#include <algorithm>

#include "parallel.h"
#include "vector.h"

namespace banyan {

struct Rows {
  const std::int64_t count, width;
  // About 256 KB of float32 each.
  const std::int64_t each = together(width, 1 << 16);

  std::int64_t parts() const { return (count + each - 1) / each; }

  // work(part, first row, row after the last)
  template <class Work>
  void eachPart(const Work& work) const {
    parallel(parts(), [&](std::int64_t part) { work(part, part * each, std::min(count, (part + 1) * each)); });
  }

  // Adds up sums of the parts, [parts, width], to total [width].
  void addUp(const float* sums, float* total, std::int64_t stride) const {
    for (std::int64_t j = 0; j < width; j++) total[j] = 0;
    for (std::int64_t part = 0; part < parts(); part++)
      for (std::int64_t j = 0; j < width; j++) total[j] += sums[part * stride + j];
  }
};

}  // namespace banyan
