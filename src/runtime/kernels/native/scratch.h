// Memory for what is needed within a call.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace banyan {

constexpr std::int64_t LINE = 64;  // bytes

// Scratch memory of the calling thread, which stays for its next call; what it holds at first is left over. Two pieces that are
// needed at once have different numbers.
inline float* scratch(int number, std::int64_t size) {
  struct Buffer {
    std::unique_ptr<float, void (*)(void*)> memory{nullptr, std::free};
    std::int64_t size = 0;
  };
  thread_local Buffer buffers[10];
  Buffer& buffer = buffers[number];
  if (buffer.size < size) {
    // On whole lines of the cache, so that no vector lies on two.
    const std::int64_t lines = (size * sizeof(float) + LINE - 1) / LINE;
    buffer.memory.reset();
    buffer.size = 0;
    buffer.memory.reset(static_cast<float*>(std::aligned_alloc(LINE, lines * LINE)));
    if (buffer.memory == nullptr) throw std::bad_alloc();
    buffer.size = size;
  }
  return buffer.memory.get();
}

}  // namespace banyan
