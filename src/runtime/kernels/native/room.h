// Memory for what is needed within a call.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace banyan {

constexpr std::int64_t LINE = 64;  // bytes

// Rooms of the calling thread, which stay for its next call; what they hold at first is left over. Two of a call have
// different numbers.
inline float* room(int number, std::int64_t size) {
  struct Room {
    std::unique_ptr<float, void (*)(void*)> memory{nullptr, std::free};
    std::int64_t size = 0;
  };
  thread_local Room rooms[8];
  Room& one = rooms[number];
  if (one.size < size) {
    // On whole lines of the cache, so that no vector lies on two.
    const std::int64_t lines = (size * sizeof(float) + LINE - 1) / LINE;
    one.memory.reset();
    one.size = 0;
    one.memory.reset(static_cast<float*>(std::aligned_alloc(LINE, lines * LINE)));
    if (one.memory == nullptr) throw std::bad_alloc();
    one.size = size;
  }
  return one.memory.get();
}

}  // namespace banyan
