// Work in parts on several threads.
#pragma once
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
// to chance, so no result may depend on it.
void parallel(std::int64_t parts, const std::function<void(std::int64_t)>& work);

}  // namespace banyan
