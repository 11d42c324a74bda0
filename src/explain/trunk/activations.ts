import type * as tf from '@tensorflow/tfjs';
import { maskedMean } from '../../layers/index.ts';
import { assembleInputs, type BuiltTask, type InputTap, type NetworkBody, passOf } from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import type { Call } from '../../task/contract.ts';

const BATCH = 32;

/** By depth, 0 for the stem's tokens, and by example: the mean over the positions that are tokens, `[width]`. */
export type Activations = readonly (readonly Float32Array[])[];

/**
 * Gives what a task's stem and each block of its column make of raw inputs, in the mean over the positions. Where branches lie side by side, as
 * in a trunk that tasks share softly, all of them.
 * @throws BanyanError as `Network.predict`.
 */
export async function activationsOf(
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly unknown[],
  compile: CompileMode,
): Promise<Activations> {
  const depths: Float32Array[][] = [];
  for (let from = 0; from < inputs.length; from += BATCH) {
    const rows = Math.min(BATCH, inputs.length - from);
    // Of one size, so that there is one graph: what is added is computed in vain.
    const size = Math.min(BATCH, inputs.length);
    const batch = Array.from({ length: size }, (_, row) => inputs[from + Math.min(row, rows - 1)]);
    const means = await body.compute(
      {
        kind: 'explain',
        key: ['activations', task.name],
        inputs: assembleInputs(task.name, task.input, batch, (row) => `input ${from + row}`),
        trace: (tensors) => meansOf(body, task, tensors),
      },
      compile,
    );
    for (let depth = 0; means[depth] !== undefined; depth++) {
      const width = means[depth]!.shape[1]!;
      depths[depth] ??= [];
      for (let row = 0; row < rows; row++) {
        depths[depth]!.push((means[depth]!.values as Float32Array).slice(row * width, (row + 1) * width));
      }
    }
  }
  return depths;
}

function meansOf(body: NetworkBody, task: BuiltTask, batch: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  const means: Record<string, tf.Tensor> = {};
  const tokens: [tf.Tensor3D, tf.Tensor2D | undefined][] = [];
  const tap: InputTap = {
    tokens: (_, own, mask) => {
      tokens.push([own, mask]);
      return own;
    },
    block: (column, block, own, call) => {
      if (column === task.input.column) means[block + 1] = maskedMean(own, call);
      return own;
    },
  };
  body.encode(passOf(task), batch, false, tap);
  // Several inputs: the mean over the parts.
  const parts = tokens.map(([own, mask]) =>
    maskedMean(own, { training: false, ...(mask === undefined ? {} : { mask }) } as Call),
  );
  means[0] = parts.reduce((sum, part) => sum.add(part)).div(parts.length);
  return means;
}
