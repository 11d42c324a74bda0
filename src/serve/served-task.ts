import {
  type BuiltTask,
  countLevels,
  entriesOf,
  entryNames,
  type HostTensor,
  isWriting,
  lengthAt,
  type NetworkBody,
  outputsOfPrepared,
  resultsOf,
} from '../network/index.ts';
import type { Stem } from '../task/contract.ts';

/** A tensor that a task takes or gives. */
export interface ServedTensor {
  readonly name: string;
  /** -1 is a batch of any size, and a length up to `inputShape[0]`. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** What a task takes and gives. */
export interface ServedTask {
  readonly task: BuiltTask;
  /** Its inputs as its stems take them; undefined where one of them does not tell its type. */
  readonly inputs: readonly ServedTensor[] | undefined;
  /** The outputs of its head, undecoded; undefined where `inputs` is. */
  readonly outputs: readonly ServedTensor[] | undefined;
}

/**
 * Computes each shape of batch that will come once, so that no request waits for its graph, and learns what the head gives. Of a head that
 * writes, one example; nothing of a stem that does not tell its type.
 */
export async function warmUp(body: NetworkBody, task: BuiltTask, most: number): Promise<ServedTask> {
  const stems = entriesOf(task.input).map(({ stem }) => stem.implementation);
  const dtypes = stems.flatMap(({ dtypes }) => dtypes?.[0] ?? []);
  if (dtypes.length < stems.length) return { task, inputs: undefined, outputs: undefined };
  const names = entryNames(task.input);
  const inputs = stems.map(({ inputShape, lengths }, i) => ({
    name: names[i]!,
    shape: [-1, ...(lengths === undefined ? inputShape : [-1, ...inputShape.slice(1)])],
    dtype: dtypes[i]!,
  }));
  if (isWriting(task)) {
    await outputsOfPrepared(body, task, [stems.map(({ inputShape }, i) => zeros(inputShape, dtypes[i]!))]);
    return { task, inputs, outputs: [{ name: 'symbols', shape: [-1, ...task.label.shape], dtype: 'int32' }] };
  }
  let outputs: readonly ServedTensor[] = [];
  for (const shapes of shapesOf(stems, most)) {
    const blank = shapes.map(
      (shape, i) => ({ shape, dtype: dtypes[i]!, values: zeros(shape, dtypes[i]!) }) as HostTensor,
    );
    const results = await resultsOf(body, task, blank);
    outputs = Object.entries(results).map(([name, { shape }]) => ({
      name: name.replace(/^output\//, ''),
      shape: [-1, ...shape.slice(1)],
      dtype: 'float32',
    }));
  }
  return { task, inputs, outputs };
}

/** Lists the shapes that batches of up to `most` examples may have: of each, that of every stem. */
function* shapesOf(stems: readonly Stem<unknown>[], most: number): Generator<readonly (readonly number[])[]> {
  const levels = countLevels(stems);
  for (let size = 1; size / 2 < most; size *= 2) {
    for (let level = 0; level < levels; level++)
      yield stems.map((stem) => [size, lengthAt(stem, level, levels), ...stem.inputShape.slice(1)]);
  }
}

function zeros(shape: readonly number[], dtype: ServedTensor['dtype']): Float32Array | Int32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  return dtype === 'float32' ? new Float32Array(size) : new Int32Array(size);
}
