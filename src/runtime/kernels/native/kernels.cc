#include "kernels.h"

#include <exception>
#include <string>

#include "parallel.h"

// Makes the operations known to the TensorFlow of this process, once; `threads` work on each. Returns what went wrong, or null.
extern "C" __attribute__((visibility("default"))) const char* banyan_register(int threads) {
  static const std::string failure = [threads]() -> std::string {
    try {
      banyan::setThreads(threads);
      banyan::registerLayerNorm();
      banyan::registerBiasGrad();
      banyan::registerAttention();
      banyan::registerLinear();
      banyan::registerConvolution();
      banyan::registerPooling();
      banyan::registerSumOfSquares();
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }();
  return failure.empty() ? nullptr : failure.c_str();
}
