// Work in parts whose parts throw: on which thread that happens is left to chance, so it is done often.
#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "parallel.h"

int main() {
  banyan::setThreads(3);
  int caught = 0, helped = 0;
  for (int round = 0; round < 2000; round++) {
    const auto caller = std::this_thread::get_id();
    std::atomic<bool> byHelper{false};
    try {
      banyan::parallel(64, [&](std::int64_t part) {
        for (volatile int i = 0; i < 200;) i = i + 1;
        if (part % 7 != 6) return;
        if (std::this_thread::get_id() != caller) byHelper = true;
        throw std::runtime_error("part");
      });
    } catch (const std::runtime_error&) {
      caught++;
    }
    helped += byHelper;
    // All of them are there for the next.
    std::atomic<std::int64_t> sum{0};
    banyan::parallel(64, [&](std::int64_t part) { sum += part; });
    if (sum != 64 * 63 / 2) return std::puts("parts were left out"), 1;
  }
  const long long idle = banyan::freeThreads();
  std::printf("{\"caught\":%d,\"helped\":%d,\"idle\":%lld}\n", caught, helped, idle);
}
