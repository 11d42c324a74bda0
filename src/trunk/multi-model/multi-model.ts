import type * as tf from '@tensorflow/tfjs';
import { checkOptions, count, flag, oneOf, optionsOf, rate } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { layerNorm, timing } from '../../layers/index.ts';
import type { Block, BlockContext, Call } from '../../task/contract.ts';
import { checkMemory } from '../size.ts';
import { transformerTrunk } from '../transformer.ts';
import type { Trunk } from '../trunk.ts';
import { attentionBlock } from './attention-block.ts';
import { convolutionBlock } from './convolution-block.ts';
import { mixtureBlock } from './mixture-block.ts';
import { unattentiveBlock } from './unattentive-block.ts';

export interface MultiModelTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Blocks of the encoder, beside its mixture. Default 6. */
  readonly encoder?: number;
  /** Convolutional blocks of the mixer, after its attention. Default 2; there are none in the form of a transformer. */
  readonly mixer?: number;
  /** Blocks of the decoder, beside its mixture. Default 4. */
  readonly decoder?: number;
  /** Experts of each of the two mixtures. Default: there are no mixtures. */
  readonly experts?: number;
  /** How many experts each token goes through, at most `experts`. Default 4, or all where there are fewer. */
  readonly k?: number;
  /** Heads of attention; their number divides `width`. Default 8. */
  readonly heads?: number;
  /** The share of the numbers that are dropped from the output of a block. Default 0.1. */
  readonly dropout?: number;
  /** What the blocks are: `convolution` as published, or `transformer`. Default `convolution`. */
  readonly form?: 'convolution' | 'transformer';
  /** False: what was read comes to each position that is written as the mean of its tokens. For blocks of form `convolution`. Default true. */
  readonly attention?: boolean;
}

const schema = optionsOf('multi-model', {
  width: count.describe('numbers in a token'),
  encoder: count.default(6).describe('blocks of the encoder, beside its mixture'),
  mixer: count.default(2).describe('convolutional blocks of the mixer'),
  decoder: count.default(4).describe('blocks of the decoder, beside its mixture'),
  experts: count.optional().describe('experts of each of the two mixtures; without it there are no mixtures'),
  k: count.optional().describe('experts that each token goes through; default 4'),
  heads: count.default(8).describe('heads of attention; a divisor of the width'),
  dropout: rate.default(0.1).describe('share of the numbers that are dropped in training'),
  form: oneOf('convolution', 'transformer').default('convolution').describe('what the blocks are'),
  attention: flag
    .default(true)
    .describe('false: what was read comes to each position that is written as the mean of its tokens'),
})
  .refine(({ form, attention }) => attention || form === 'convolution', {
    path: ['attention'],
    error: 'true for blocks of form transformer',
    params: { mend: 'Leave it out, or choose the form convolution.' },
  })
  .refine(({ width, heads }) => width % heads === 0, {
    path: ['heads'],
    error: ({ input }) => `a divisor of width (${(input as MultiModelTrunkOptions).width})`,
    params: { mend: 'Choose another number of heads.' },
  })
  .refine(({ experts, k }) => k === undefined || (experts !== undefined && k <= experts), {
    path: ['k'],
    error: 'at most the number of experts',
    params: { mend: 'Give more experts, or leave k out.' },
  });

/** A block, by its own variables. */
type Part = (context: BlockContext) => Block;

/** The blocks of each part of the network, one after the other. */
interface Parts {
  readonly encoder: readonly Part[];
  readonly mixer: readonly Part[];
  readonly decoder: readonly Part[];
  /** What follows the last block of encoder and decoder. */
  readonly finish?: Part;
}

type Checked = Required<Omit<MultiModelTrunkOptions, 'experts' | 'k'>>;

const times = (count: number, part: (index: number) => Part): Part[] =>
  Array.from({ length: count }, (_, i) => part(i));

/**
 * Makes what the tokens of a stem go through first: a normalisation, and the signal that tells where they stand. The published stems give
 * numbers about as large as that signal; others give smaller ones, which could not be seen beside it.
 */
function entry(context: BlockContext) {
  const norm = layerNorm(context, 'entry', context.width);
  return (tokens: tf.Tensor3D, call: Call) => timing(norm(tokens), call);
}

/** The blocks as they were published. */
function convolutional({ encoder, mixer, decoder, heads, dropout, attention }: Checked): Parts {
  const attending = (context: BlockContext) =>
    attention ? attentionBlock(context, 'attention', heads, dropout) : unattentiveBlock(context, 'attention', dropout);
  const writing: Part = (context) => ({ forward: convolutionBlock(context, 'convolution', 'causal', dropout) });
  return {
    encoder: times(encoder, (index) => (context) => {
      const enter = index === 0 ? entry(context) : undefined;
      const convolve = convolutionBlock(context, 'convolution', 'centred', dropout);
      return { forward: (tokens, call) => convolve(enter?.(tokens, call) ?? tokens, call) };
    }),
    mixer: [(context) => ({ forward: attending(context) }), ...times(mixer, () => writing)],
    decoder: times(decoder, () => (context) => {
      const convolve = convolutionBlock(context, 'convolution', 'causal', dropout);
      const attend = attending(context);
      return { forward: (tokens, call) => attend(convolve(tokens, call), call) };
    }),
  };
}

/** Blocks of a transformer in their place. */
function transformed({ width, encoder, decoder, heads, dropout }: Checked): Parts {
  const trunk = transformerTrunk({ width, depth: encoder, heads, dropout, decoder });
  return {
    encoder: times(encoder, (index) => (context) => {
      const enter = index === 0 ? entry(context) : undefined;
      const block = trunk.block(context, index);
      return { forward: (tokens, call) => block.forward(enter?.(tokens, call) ?? tokens, call) };
    }),
    mixer: [],
    decoder: times(decoder, (index) => (context) => trunk.decoder!.block(context, index)),
    finish: (context) => trunk.finish!(context),
  };
}

/** A part more in the middle, if there is one. */
function withMiddle(parts: readonly Part[], middle: readonly Part[]): readonly Part[] {
  const half = Math.ceil(parts.length / 2);
  return [...parts.slice(0, half), ...middle, ...parts.slice(half)];
}

/**
 * Makes the body of "One Model To Learn Them All" (Kaiser et al. 2017): an encoder, through which the tokens of every task go, and a mixer
 * and a decoder for the heads that write. In the published form the encoder is convolutional blocks; the mixer is an attention block and
 * convolutional ones; the decoder is pairs of both. Encoder and decoder have a mixture of experts in the middle. In the form of a
 * transformer, blocks of a transformer take the place of both, and there is no mixer.
 * @throws BanyanError `argument` for an option that is wrong, `memory` for weights that do not fit into it.
 */
export function multiModelTrunk(options: MultiModelTrunkOptions): Trunk {
  const checked = checkOptions('multiModelTrunk', schema, options);
  const { width, experts, dropout, form } = checked;
  const k = experts === undefined ? undefined : (checked.k ?? Math.min(4, experts));
  const { attention, ...others } = checked;
  const config = {
    ...{ kind: 'multi-model', ...others },
    ...(experts === undefined ? {} : { experts, k: k! }),
    ...(attention ? {} : { attention }),
  };
  const depth = checked.encoder + checked.mixer + checked.decoder;
  checkMemory('multiModelTrunk', { width, depth }, { weights: 12, numbers: 4 * width ** 2 });
  const mixture: readonly Part[] =
    experts === undefined ? [] : [(context) => mixtureBlock(context, { experts, k: k! }, dropout)];
  const { encoder, mixer, decoder, finish } = form === 'convolution' ? convolutional(checked) : transformed(checked);
  const trunkOf = (kind: string, parts: readonly Part[]): Trunk => ({
    kind,
    width,
    depth: parts.length,
    config,
    block: (context, index) => parts[index]!(context),
    ...(finish === undefined ? {} : { finish }),
  });
  return {
    ...trunkOf('multi-model', withMiddle(encoder, mixture)),
    decoder: trunkOf('multi-model-decoder', [...mixer, ...withMiddle(decoder, mixture)]),
  };
}

/** `multiModelTrunk`, as files name it. */
export const multiModelKind: Kind<Trunk, MultiModelTrunkOptions> = {
  kind: 'multi-model',
  about:
    'Encoder, mixer and decoder of convolutions, attention and experts, for tasks that write beside others (Kaiser et al. 2017).',
  options: schema,
  build: multiModelTrunk,
};
