#include "kernels.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "parallel.h"

// Whether the system lets this process use what the kernels are compiled for. Linux has to be asked for tiles, whose numbers it
// keeps for each thread.
extern "C" __attribute__((visibility("default"))) bool banyan_permitted() {
#ifdef __AMX_TILE__
  constexpr int REQUEST = 0x1023, TILES = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, REQUEST, TILES) == 0;
#else
  return true;
#endif
}

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
      banyan::registerCrossEntropy();
      banyan::registerAdam();
      banyan::registerExperts();
      banyan::registerDepthwise();
      banyan::registerDepthwiseAt();
      banyan::registerAttentionAt();
      banyan::registerLikeliest();
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }();
  return failure.empty() ? nullptr : failure.c_str();
}
