import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { BuiltStem, BuiltTask } from './built.ts';

/**
 * Checks what a stem gave for a column of this width: tokens `[batch, positions, width]`, and a mask `[batch, positions]`.
 * @throws BanyanError `shape`.
 */
export function checkTokens(
  { scope, implementation: { positions } }: BuiltStem,
  width: number,
  tokens: tf.Tensor3D,
  mask: tf.Tensor2D | undefined,
): void {
  const shown = `[${tokens.shape.join(', ')}]`;
  const fail = (message: string) => new BanyanError('shape', `${scope}: forward() gave ${message}`);
  if (tokens.rank !== 3 || tokens.shape[2] !== width) {
    throw fail(`${shown}, expected tokens [batch, positions, ${width}]. Make its last layer as wide as context.width.`);
  }
  if (positions !== undefined && tokens.shape[1] !== positions) {
    throw fail(
      `tokens ${shown}, expected [batch, ${positions}, ${width}] by the stem's \`positions\`. Correct them, or leave them out where their number varies.`,
    );
  }
  if (mask !== undefined && (mask.shape[0] !== tokens.shape[0] || mask.shape[1] !== tokens.shape[1])) {
    throw fail(
      `a mask [${mask.shape.join(', ')}] for tokens ${shown}, expected [${tokens.shape[0]}, ${tokens.shape[1]}]. Give one mask number a position.`,
    );
  }
}

/** Checks the features that a stem gave beside its tokens: `[batch, …]` each. @throws BanyanError `shape`. */
export function checkFeatures(
  { scope }: BuiltStem,
  features: Readonly<Record<string, tf.Tensor>>,
  batch: number,
): void {
  for (const [name, { shape }] of Object.entries(features)) {
    if (shape[0] === batch) continue;
    throw new BanyanError(
      'shape',
      `${scope}: forward() gave the feature "${name}" of shape [${shape.join(', ')}], expected [${batch}, …]. Keep the batch as its first axis.`,
    );
  }
}

/**
 * Picks the features of a stem that a head reads.
 * @throws BanyanError `plugin` for one that the stem does not give; `argument` where training moves what they show.
 */
export function featuresFor(
  { scope, input, head: { reads = [] } }: BuiltTask,
  features: Readonly<Record<string, tf.Tensor>>,
): Readonly<Record<string, tf.Tensor>> {
  const moving = input.parts.find(({ stem }) => stem.implementation.moves);
  if (moving !== undefined) {
    throw new BanyanError(
      'argument',
      `${scope} reads features of ${moving.stem.scope} place by place, and an augmentation of that stem moves what they show, expected one that leaves everything in its place, since no label moves with it. Leave it out (colours, noise and mixup may stay).`,
    );
  }
  const missing = reads.find((name) => features[name] === undefined);
  if (missing === undefined) return Object.fromEntries(reads.map((name) => [name, features[name]!]));
  const names = Object.keys(features);
  throw new BanyanError(
    'plugin',
    `${scope} reads the feature "${missing}" of ${input.scope}, which gives ${names.length === 0 ? 'none' : names.join(', ')}. Expected it beside the stem's tokens. Let the stem's forward() give it in \`features\`, or take another stem.`,
  );
}

/** Checks what a task's loss gave for so many samples: `[samples]`. @throws BanyanError `shape`. */
export function checkLosses({ scope }: BuiltTask, losses: tf.Tensor, samples: number): void {
  if (losses.rank === 1 && losses.shape[0] === samples) return;
  throw new BanyanError(
    'shape',
    `${scope}: loss() gave [${losses.shape.join(', ')}], expected one number a sample, [${samples}]. Reduce all axes but the first.`,
  );
}
