import type * as tf from '@tensorflow/tfjs';
import {
  type BuiltTask,
  entriesOf,
  entryNames,
  forcedOutput,
  type NetworkBody,
  nameOutput,
  nameRead,
  passOf,
  type WritingTask,
} from '../../network/index.ts';
import type { HostTensor } from '../../runtime/index.ts';

/** An input of a function: its name, and shape and type of one sample. */
export interface FunctionInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: HostTensor['dtype'];
}

/** A computation of a network that is exported under a name. */
export interface NetworkFunction {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly FunctionInput[];
  /** Gives the outputs by their names. */
  readonly trace: (inputs: readonly tf.Tensor[]) => Readonly<Record<string, tf.Tensor>>;
}

/** A name that an output has by itself stays; `output` is the name of one that has none. */
const shortNames = (outputs: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name.replace(/^output\//, ''), tensor]));

/** Tells of the inputs of a task: see `entryNames`. */
export function inputsOf(task: BuiltTask, prepared: readonly HostTensor[]): readonly FunctionInput[] {
  const names = entryNames(task.input);
  return entriesOf(task.input).map(({ stem }, i) => ({
    name: names[i]!,
    // All of it, also where a batch may be shorter: what is added is masked.
    shape: stem.implementation.inputShape,
    dtype: prepared[i]!.dtype,
  }));
}

/** The prediction of a task whose head does not write. */
export const predictFunction = (
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly FunctionInput[],
): NetworkFunction => ({
  name: task.name,
  task: task.name,
  inputs,
  trace: (batch) => shortNames(nameOutput(body.read(task, body.encode(passOf(task), batch, false)))),
});

/** What a head that writes reads: `tokens [batch, positions, width]` and their `mask [batch, positions]`. */
export const readFunction = (
  body: NetworkBody,
  task: WritingTask,
  inputs: readonly FunctionInput[],
): NetworkFunction => ({
  name: `${task.name}.read`,
  task: task.name,
  inputs,
  trace: (batch) => nameRead(task, body.encode(passOf(task), batch, false)),
});

/**
 * The scores of a head that writes, `[batch, positions, symbols]`: at each position those of the symbol that stands there, by the symbols
 * before it. A host writes by calling it once a position.
 */
export const writeFunction = (body: NetworkBody, task: WritingTask, tokens: readonly number[]): NetworkFunction => ({
  name: `${task.name}.write`,
  task: task.name,
  inputs: [
    { name: 'tokens', shape: tokens, dtype: 'float32' },
    { name: 'mask', shape: tokens.slice(0, 1), dtype: 'float32' },
    { name: 'symbols', shape: task.label.shape, dtype: 'int32' },
  ],
  trace: ([read, mask, symbols]) => {
    body.randomness.begin();
    const call = { training: false, mask: mask as tf.Tensor2D };
    return { scores: forcedOutput(task, { tokens: read as tf.Tensor3D, call }, symbols as tf.Tensor2D) };
  },
});
