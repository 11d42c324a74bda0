// Operations that TensorFlow has none for, or slower ones, on a CPU.
#pragma once

namespace banyan {

void registerLayerNorm();
void registerBiasGrad();
void registerAttention();
void registerLinear();
void registerConvolution();
void registerPooling();
void registerSumOfSquares();
void registerCrossEntropy();
void registerAdam();
void registerExperts();
void registerDepthwise();
void registerDepthwiseAt();
void registerAttentionAt();
void registerLikeliest();

}  // namespace banyan
