// What a layer keeps of the positions of a sequence that is written: [rows, slots, width], where position t lies in slot t mod slots.
#pragma once
#include "operation.h"

namespace banyan {

// The kernels that write a position are the only ones that change an input: they put the position's numbers into the memory where it
// lies, which is a variable that nobody else reads. A copy of it would take longer than all the rest.
struct Kept {
  const std::int64_t rows, slots, width, at;

  // `lines` [rows, length]: in which row of the memory that lies which a row was at each position, since a beam's rows change places.
  Kept(const Tensor& memory, const Tensor& lines, const Tensor& position)
      : rows(axisOf(memory, 0)),
        slots(axisOf(memory, 1)),
        width(axisOf(memory, 2)),
        at(position.size() == 1 ? position.integers()[0] : -1),
        numbers(memory.data()),
        line(lines.integers()),
        length(axisOf(lines, 1)) {
    expect(memory.shape() == Shape{rows, slots, width} && slots >= 1 && lines.shape() == Shape{rows, length} && at >= 0 && at < length,
           "a memory [rows, slots, width], lines [rows, length], and a position below that length");
    for (std::int64_t row = 0; row < rows; row++)
      for (std::int64_t t = 0; t < at; t++)
        expect(line[row * length + t] >= 0 && line[row * length + t] < rows, "lines that name rows");
  }

  // Where what a row is at this position is written.
  float* now(std::int64_t row) const { return numbers + (row * slots + at % slots) * width; }

  // What a row was at an earlier position, at most `slots - 1` before this one.
  const float* before(std::int64_t row, std::int64_t t) const {
    return numbers + (line[row * length + t] * slots + t % slots) * width;
  }

 private:
  static std::int64_t axisOf(const Tensor& tensor, std::size_t axis) {
    return axis < tensor.shape().size() ? tensor.shape()[axis] : 0;
  }

  float* const numbers;
  const std::int32_t* const line;
  const std::int64_t length;
};

}  // namespace banyan
