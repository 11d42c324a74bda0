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

/** Checks what a task's loss gave for so many samples: `[samples]`. @throws BanyanError `shape`. */
export function checkLosses({ scope }: BuiltTask, losses: tf.Tensor, samples: number): void {
  if (losses.rank === 1 && losses.shape[0] === samples) return;
  throw new BanyanError(
    'shape',
    `${scope}: loss() gave [${losses.shape.join(', ')}], expected one number a sample, [${samples}]. Reduce all axes but the first.`,
  );
}
