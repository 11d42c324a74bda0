import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { Head, HeadContext, HeadFactory, Label, Metric, SampleOutput } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import { offBy, softened } from './losses.ts';
import { flattened, numbersOf } from './numbers.ts';

/** What a student learns of an example. */
export interface Taught {
  /** The source's own label, by which it is measured; undefined where that is missing. */
  readonly label: unknown;
  /** What the teacher's head gives; of one that writes the symbols. */
  readonly output: SampleOutput;
}

// biome-ignore lint/suspicious/noExplicitAny: a head of any target, prediction and output
type AnyHead = Head<any, any, any>;
const SCALAR: Label = { shape: [], dtype: 'float32' };

/**
 * Gives the head of a task, whose loss compares it with a teacher. Its weights, settings and predictions are those of the task's own head, so what
 * it has learned is loaded as a network of the tasks themselves.
 * @param numbers how many numbers the teacher's head gives for an example.
 */
export const distilledHead =
  (task: AnyTask, numbers: number, temperature: number): HeadFactory<Taught, unknown> =>
  (context) => {
    const head = (task.head as (context: HeadContext) => AnyHead)(context);
    const { target: label = SCALAR, writes, reads, readsTokens, outcomes, metrics } = head;
    const isClass = label.dtype === 'int32' && label.shape.length === 0;
    const student = {
      metrics: metrics.map((metric) => ofLabels(metric, isClass)),
      forward: (tokens: tf.Tensor3D, call: Parameters<AnyHead['forward']>[1]) => head.forward(tokens, call),
      decode: (output: never) => head.decode(output),
      ...(reads === undefined ? {} : { reads }),
      ...(readsTokens === undefined ? {} : { readsTokens }),
      ...(outcomes === undefined ? {} : { outcomes }),
    };
    if (writes !== undefined) {
      // What the teacher writes is what the student learns to write (Kim and Rush 2016, "Sequence-Level Knowledge Distillation", section 3.2).
      const prepare = ({ output }: Taught) => Int32Array.of(...(output as Float32Array), writes.end);
      const written = { ...label, prepare: (taught: Taught) => prepare(taught).slice(0, label.shape[0]) };
      return { ...student, writes, target: written, loss: (output, target) => head.loss(output, target) };
    }
    const taught: Label<Taught> = {
      shape: [numbers],
      dtype: 'float32',
      prepare: ({ output }) => sized(task.name, numbersOf(output), numbers),
    };
    const compare = isClass ? (a: tf.Tensor2D, b: tf.Tensor2D) => softened(a, b, temperature) : offBy;
    return { ...student, target: taught, loss: (output, target) => compare(flattened(output), target as tf.Tensor2D) };
  };

/** @throws BanyanError `argument` for an output that is longer for some examples than for others. */
function sized(task: string, numbers: Float32Array, expected: number): Float32Array {
  if (numbers.length === expected) return numbers;
  throw new BanyanError(
    'argument',
    `Task "${task}": the teacher's head gives ${numbers.length} numbers for an example, expected ${expected} as for another. A head whose output varies in length cannot be distilled; leave the task out.`,
  );
}

/** A metric that sees the source's own label; an example without one it does not see. */
export const ofLabels = (metric: Metric, isClass: boolean): Metric<Taught, unknown> => ({
  name: metric.name,
  ...(metric.higherIsBetter === undefined ? {} : { higherIsBetter: metric.higherIsBetter }),
  update: ({ label }, prediction) => {
    const missing = label === undefined || Number.isNaN(label) || (isClass && label === -1);
    if (!missing) metric.update(label, prediction);
  },
  result: () => metric.result(),
  reset: () => metric.reset(),
});
