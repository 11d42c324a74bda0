// Work in parts on several threads.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>

namespace banyan {

// How many threads may work at a time, callers among them. Set once, before the first `parallel`.
void setThreads(int count);

// How many of them a call of `parallel` would get now, at least one.
std::int64_t freeThreads();

// Multiplications with an addition each that a part should have at least: to wake a thread takes as long.
constexpr std::int64_t ENOUGH = 1 << 22;

// Calls work(part) for each part from 0 to parts - 1, and returns when all are done. Which thread takes which part is left
// to chance, so no result may depend on it. What a part throws is thrown here, after the parts that were begun; others are left
// out.
void parallel(std::int64_t parts, const std::function<void(std::int64_t)>& work);

// How many pieces of work of such a cost make a part of at least `enough`.
inline std::int64_t together(std::int64_t cost, std::int64_t enough = ENOUGH) {
  return std::max<std::int64_t>(1, enough / std::max<std::int64_t>(1, cost));
}

// Calls work(i) for each i from 0 to count - 1, `each` of them a part.
template <class Work>
void parallelEach(std::int64_t count, std::int64_t each, const Work& work) {
  parallel((count + each - 1) / each, [&](std::int64_t part) {
    for (std::int64_t i = part * each; i < std::min(count, (part + 1) * each); i++) work(i);
  });
}

}  // namespace banyan
