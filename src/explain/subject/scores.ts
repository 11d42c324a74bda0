import * as tf from '@tensorflow/tfjs';
import { passOf } from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import type { Examined } from './examine.ts';
import { scoresIn } from './outcomes.ts';

/** Gives all numbers of the head's output that can be explained, for the example itself. */
export async function scoresOf(
  { body, task, entries, written }: Examined,
  compile: CompileMode,
): Promise<Float32Array> {
  const { scores } = await body.compute(
    {
      kind: 'explain',
      key: ['scores', task.name],
      inputs: [
        ...entries,
        ...(written === undefined ? [] : [{ shape: [1, written.length], dtype: 'int32', values: written } as const]),
      ],
      trace: (tensors) => {
        const encoded = body.encode(passOf(task), tensors.slice(0, entries.length), false);
        return { scores: scoresIn(task, body.output(task, encoded, tensors[entries.length] ?? tf.scalar(0))) };
      },
    },
    compile,
  );
  return scores!.values as Float32Array;
}
