import type * as tf from '@tensorflow/tfjs';
import { checkOptions, count, oneOf, optionsOf, positive } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { dropout, gelu, layerNorm, linear } from '../layers/index.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';
import { selfAttention } from './attention.ts';
import { BLOCKS_FIT, blocksFit, blocksOption, sizesOf } from './block-sizes.ts';
import { finalNorm } from './feed-forward.ts';
import { checkMemory, sizeOptions } from './size.ts';
import type { BlockSize, Trunk } from './trunk.ts';

export interface EncoderTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Heads of attention; their number divides `width`. */
  readonly heads: number;
  /**
   * Where a block normalises: `pre` before attention and before the dense layers, with one more normalisation after the last block, as ViT
   * does; `post` after each is added to its input, as BERT does. Default `pre`.
   */
  readonly norm?: 'pre' | 'post';
  /** Numbers between the two dense layers. Default: four times `width`. */
  readonly hidden?: number;
  /** What `Network.pruneTrunk` has left of each block. Default: all heads, and `hidden` numbers between the dense layers. */
  readonly blocks?: readonly BlockSize[];
  /** The form of GELU between them: see `gelu`. Default `erf`. */
  readonly gelu?: 'erf' | 'tanh';
  /** What is added to the variance in a normalisation. Default 1e-12, as BERT and ViT have it. */
  readonly epsilon?: number;
  /** The share of the numbers that are dropped from the output of attention and of the two dense layers. Default 0. */
  readonly dropout?: number;
}

const schema = optionsOf('encoder', {
  ...sizeOptions,
  heads: count.describe('heads of attention; a divisor of the width'),
  norm: oneOf('pre', 'post')
    .default('pre')
    .describe('whether a block normalises before its layers, as ViT, or after them, as BERT'),
  hidden: count.optional().describe('numbers between the two dense layers; default four times the width'),
  gelu: oneOf('erf', 'tanh').default('erf').describe('form of GELU between them'),
  epsilon: positive.default(1e-12).describe('added to the variance in a normalisation'),
  ...blocksOption,
})
  .refine(blocksFit, BLOCKS_FIT)
  .refine(({ width, heads }) => width % heads === 0, {
    path: ['heads'],
    error: ({ input }) => `a divisor of width (${(input as EncoderTrunkOptions).width})`,
    params: { mend: 'Choose another number of heads.' },
  });

/**
 * Makes a transformer encoder of the shape of BERT (Devlin et al. 2019, section 3; `norm: 'post'`, as Vaswani et al. 2017) or ViT
 * (Dosovitskiy et al. 2021, equations 2 and 3; `norm: 'pre'`): attention, then two dense layers with GELU, each added to its input. It
 * can begin with such a network's weights: see `loadWeights`.
 * @throws BanyanError `argument` for an option that is wrong, `memory` for weights that do not fit into it.
 */
export function encoderTrunk(options: EncoderTrunkOptions): Trunk {
  const { blocks, ...checked } = checkOptions('encoderTrunk', schema, options);
  const { width, depth, heads, hidden = 4 * width } = checked;
  checkMemory('encoderTrunk', options, { weights: 12, numbers: 4 * width ** 2 + 2 * width * hidden });
  const headSize = width / heads;
  const sizes = blocks ?? sizesOf(depth, { heads, hidden });
  const shape = { ...checked, hidden };
  return {
    kind: 'encoder',
    width,
    depth,
    config: {
      kind: 'encoder',
      ...shape,
      ...(blocks === undefined ? {} : { blocks: blocks.map((block) => ({ ...block })) }),
    },
    block: (context, index) => encoderBlock(context, { ...shape, ...sizes[index]!, headSize }),
    prunable: { sizes, headSize, to: (left) => encoderTrunk({ ...options, blocks: left }) },
    ...(shape.norm === 'pre' ? { finish: (context: BlockContext) => finalNorm(context, shape.epsilon) } : {}),
  };
}

/** `encoderTrunk`, as files name it. */
export const encoderKind: Kind<Trunk, EncoderTrunkOptions> = {
  kind: 'encoder',
  about: 'A transformer encoder of the shape of BERT or ViT, which can begin with their weights.',
  options: schema,
  build: encoderTrunk,
};

interface Shape extends Required<Omit<EncoderTrunkOptions, 'blocks'>> {
  /** Numbers in a head. */
  readonly headSize: number;
}

/** The two layers of a block, each with its normalisation, each `[batch, positions, width]` to the same. */
function layersOf(
  context: BlockContext,
  { width, hidden, heads, headSize, gelu: form, dropout: rate, epsilon }: Shape,
) {
  const [normOfAttention, normOfDense] = ['norm-1', 'norm-2'].map((name) =>
    layerNorm(context, name, width, { epsilon }),
  );
  const attention = selfAttention(context, 'attention', heads, headSize);
  const widen = linear(context, 'dense-1', width, hidden);
  const narrow = linear(context, 'dense-2', hidden, width);
  const drop = (tokens: tf.Tensor3D, call: Call) => dropout(tokens, rate, context.random, call);
  const attend = (tokens: tf.Tensor3D, call: Call) => drop(attention(tokens, call), call);
  const dense = (tokens: tf.Tensor3D, call: Call) => drop(narrow(gelu(widen(tokens), form)), call);
  return [
    { layer: attend, norm: normOfAttention! },
    { layer: dense, norm: normOfDense! },
  ];
}

/** Adds to the tokens what each layer gives, and normalises its input (pre) or the sum (post). */
function encoderBlock(context: BlockContext, shape: Shape): Block {
  const layers = layersOf(context, shape);
  const isFirst = shape.norm === 'pre';
  return {
    forward: (tokens, call) =>
      layers.reduce(
        (x, { layer, norm }) => (isFirst ? x.add(layer(norm(x), call)) : norm(x.add(layer(x, call)))) as tf.Tensor3D, // [batch, positions, width]
        tokens,
      ),
  };
}
