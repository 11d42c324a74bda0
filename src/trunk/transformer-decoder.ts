import * as tf from '@tensorflow/tfjs';
import { causalAttention, sourceAttention } from '../layers/attention.ts';
import { layerNorm } from '../layers/index.ts';
import { anglesOf } from '../layers/timing.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';
import { feedForward, finalNorm } from './feed-forward.ts';
import { addResidual, type Dropping, droppingAt, droppingConfig } from './residual.ts';
import type { Trunk } from './trunk.ts';

interface DecoderOptions extends Dropping {
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
}

/**
 * Makes the blocks that write beside a transformer (Vaswani et al. 2017, section 3.1, with the normalisation before each layer): attention
 * to what is written so far, attention to what was read, then two dense layers of four times the width with ReLU, each added to its
 * input; layer normalisation at the end. The first block adds sines and cosines of each token's position.
 */
export function transformerDecoder({ width, depth, heads, ...dropping }: DecoderOptions): Trunk {
  return {
    kind: 'transformer-decoder',
    width,
    depth,
    config: { kind: 'transformer-decoder', width, depth, heads, ...droppingConfig(dropping) },
    block: (context, index) => {
      const block = decoderBlock(context, heads, droppingAt(dropping, index, depth));
      if (index > 0) return block;
      return { forward: (tokens, call) => block.forward(withPositions(tokens, call), call) };
    },
    finish: finalNorm,
  };
}

function decoderBlock(context: BlockContext, heads: number, dropping: Dropping): Block {
  const { width } = context;
  const normOfWritten = layerNorm(context, 'norm-1', width);
  const toWritten = causalAttention(context, 'attention', heads);
  const normOfRead = layerNorm(context, 'norm-2', width);
  const toRead = sourceAttention(context, 'source-attention', heads);
  const dense = feedForward(context, 'norm-3', dropping);
  return {
    forward: (tokens, call) => {
      const written = addResidual(tokens, toWritten(normOfWritten(tokens), call), dropping, context, call); // [batch, positions, width]
      const read = addResidual(written, toRead(normOfRead(written), call), dropping, context, call);
      return dense(read, call); // [batch, positions, width]
    },
  };
}

/** Adds sines and cosines of each position (Vaswani et al. 2017, section 3.5), all sines before all cosines. */
function withPositions(tokens: tf.Tensor3D, call: Call): tf.Tensor3D {
  const width = tokens.shape[2];
  const sines = Math.ceil(width / 2);
  const angles = anglesOf(tokens, call, sines, sines); // [positions, sines]
  const waves = tf.concat([angles.sin(), angles.cos()], 1).slice([0, 0], [-1, width]); // [positions, width]
  return tokens.add(waves) as tf.Tensor3D;
}
