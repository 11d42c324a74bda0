import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { HostTensor as AnyHostTensor } from '../../runtime/index.ts';
import { show } from '../../show.ts';
import type { Label, Stem, TypedArray } from '../../task/contract.ts';
import type { Example } from '../../task/source.ts';
import { type BuiltStem, type Pass, stemsOf } from '../assembly/built.ts';
import { BufferPool } from './buffer-pool.ts';
import { prepareInput } from './input.ts';
import { countLevels, lengthAt, levelFor } from './lengths.ts';
import { inBatch, type PlaceOf } from './places.ts';
import { isClass, isMissing, prepareTarget } from './target.ts';

export type HostTensor = AnyHostTensor<'float32' | 'int32'>;

export function toTensor({ values, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const KINDS = [Float32Array, Int32Array, Uint8Array];
// A Buffer is a Uint8Array as well.
const kindOf = (example: unknown) => KINDS.find((kind) => example instanceof kind);

/** Prepared examples to one tensor `[batch, …inputShape]` in the room, padded with 0 to the stem's next length. */
export function collate(
  task: string,
  stem: Stem<unknown>,
  prepared: readonly TypedArray[],
  room = new BufferPool(),
  placeOf = inBatch,
): HostTensor {
  const longest = longestOf(task, stem, prepared, placeOf);
  return pad(stem, prepared, stem.lengths?.find((length) => length >= longest) ?? stem.inputShape[0]!, room);
}

/** Positions of the longest of a batch's examples. @throws BanyanError `shape` for what the stem must not give. */
function longestOf(task: string, stem: Stem<unknown>, prepared: readonly TypedArray[], placeOf: PlaceOf): number {
  const row = product(stem.inputShape.slice(1));
  const full = product(stem.inputShape);
  const kind = kindOf(prepared[0]);
  let longest = 0;
  for (const [i, example] of prepared.entries()) {
    if (kind === undefined || kindOf(example) !== kind) {
      throw new BanyanError(
        'shape',
        `Task "${task}": ${placeOf(i)} was prepared to ${kindOf(example)?.name ?? show(example)}, expected ${KINDS.map((known) => known.name).join(', ')}, and the same for all examples. Correct the stem's prepare().`,
      );
    }
    const fits =
      stem.lengths === undefined ? example.length === full : example.length <= full && example.length % row === 0;
    if (!fits) {
      const expected = stem.lengths === undefined ? `${full}` : `at most ${full}, in steps of ${row}`;
      throw new BanyanError(
        'shape',
        `Task "${task}": ${placeOf(i)} was prepared to ${example.length} numbers, expected ${expected} for inputShape [${stem.inputShape.join(', ')}]. Correct the stem's options or its prepare().`,
      );
    }
    longest = Math.max(longest, example.length / row);
  }
  return longest;
}

function pad(stem: Stem<unknown>, prepared: readonly TypedArray[], length: number, room: BufferPool): HostTensor {
  const size = length * product(stem.inputShape.slice(1));
  const dtype = prepared[0] instanceof Float32Array ? 'float32' : 'int32';
  const values = room.take(dtype, prepared.length * size);
  for (const [i, example] of prepared.entries()) {
    values.set(example, i * size);
    if (example.length < size) values.fill(0, i * size + example.length, (i + 1) * size);
  }
  return { shape: [prepared.length, length, ...stem.inputShape.slice(1)], dtype, values } as HostTensor;
}

/**
 * Labels of a batch, and which of the samples have one: 1 or 0 each. A missing label becomes a valid neutral 0; what is missing of
 * one that is there in part stays NaN.
 */
export interface HostLabels {
  readonly target: HostTensor;
  readonly labelled: Float32Array;
  /** Whether a label is there in part. */
  readonly partly: boolean;
  /** Those that metrics see: the labelled ones, and those from which nothing is learned. */
  readonly measured: Float32Array;
}

export function collateTargets(task: string, label: Label, targets: readonly unknown[], placeOf = inBatch): HostLabels {
  const size = product(label.shape);
  const values =
    label.dtype === 'int32' ? new Int32Array(targets.length * size) : new Float32Array(targets.length * size);
  const [labelled, measured] = [new Float32Array(targets.length), new Float32Array(targets.length)];
  let partly = false;
  for (const [i, target] of targets.entries()) {
    if (isMissing(label, target)) continue;
    const numbers = prepareTarget(task, label, target, placeOf(i));
    if (numbers === undefined) {
      measured[i] = 1;
      continue;
    }
    const missing = Array.prototype.filter.call(numbers, Number.isNaN).length;
    if (missing === size || (isClass(label) && numbers[0] === -1)) continue;
    if (missing > 0) assertHolds(task, label, placeOf(i), missing);
    partly ||= missing > 0;
    values.set(numbers, i * size);
    labelled[i] = 1;
    measured[i] = 1;
  }
  const target = { shape: [targets.length, ...label.shape], dtype: label.dtype, values } as HostTensor;
  return { target, labelled, partly, measured };
}

function assertHolds(task: string, { dtype, shape }: Label, place: string, missing: number): void {
  if (dtype === 'float32') return;
  throw new BanyanError(
    'data',
    `Task "${task}": the target of ${place} lacks ${missing} of its numbers (NaN), expected all of them: a label of int32 numbers of shape [${shape.join(', ')}] has no place for NaN. Give undefined for the whole label, or make the head's \`target\` float32.`,
  );
}

/** The target that a task means: the source's own, or its part of the source's record. */
export function pickTarget(
  task: { readonly name: string; readonly target?: string | undefined },
  target: unknown,
  place: string,
): unknown {
  if (task.target === undefined || target === undefined) return target;
  const isRecord = typeof target === 'object' && target !== null;
  if (!isRecord || !Object.hasOwn(target, task.target)) {
    throw new BanyanError(
      'data',
      `Task "${task.name}": ${place} has no label "${task.target}". Expected one of the source's labels, received ${isRecord ? Object.keys(target).join(', ') : show(target)}. Correct the task's \`target\`, or give undefined where the label is missing.`,
    );
  }
  return (target as Readonly<Record<string, unknown>>)[task.target];
}

/** A batch as the stems take it that it goes through, the own one first; not padded yet. */
interface PreparedInputs {
  readonly stems: readonly { readonly stem: Stem<unknown>; readonly examples: readonly TypedArray[] }[];
  readonly levels: number;
  /** The lowest level on which the examples find room. */
  readonly level: number;
}

function prepareInputs(task: string, stem: BuiltStem, raw: readonly unknown[], placeOf: PlaceOf): PreparedInputs {
  const through = stemsOf(stem).map(({ implementation }) => implementation);
  const levels = countLevels(through);
  const stems = through.map((stem) => ({
    stem,
    examples: raw.map((input, i) => prepareInput(task, stem, input, placeOf(i))),
  }));
  const level = Math.max(
    ...stems.map(({ stem, examples }) => levelFor(stem, longestOf(task, stem, examples, placeOf), levels)),
  );
  return { stems, levels, level };
}

function padInputs({ stems, levels }: PreparedInputs, level: number, room: BufferPool): readonly HostTensor[] {
  return stems.map(({ stem, examples }) => pad(stem, examples, lengthAt(stem, level, levels), room));
}

/** Raw examples as each stem that they go through takes them: the own one first. */
export function assembleInputs(
  task: string,
  stem: BuiltStem,
  raw: readonly unknown[],
  placeOf: PlaceOf = inBatch,
  room = new BufferPool(),
): readonly HostTensor[] {
  const prepared = prepareInputs(task, stem, raw, placeOf);
  return padInputs(prepared, prepared.level, room);
}

/** A pass's part of a batch on the host: the input once for each stem, labels for each task of the pass. */
export interface HostPass {
  readonly inputs: readonly HostTensor[];
  readonly labels: readonly HostLabels[];
}

/** A pass's part of a batch whose length may still be chosen. */
export interface PreparedPass {
  readonly inputs: PreparedInputs;
  readonly labels: readonly HostLabels[];
}

/** Raw examples to one pass's numbers. `placeOf`: what an error calls each. */
export function preparePass(
  pass: Pass,
  examples: readonly Example<unknown, unknown>[],
  placeOf: PlaceOf = inBatch,
): PreparedPass {
  return {
    inputs: prepareInputs(
      pass.tasks[0]!.name,
      pass.stem,
      examples.map(({ input }) => input),
      placeOf,
    ),
    labels: pass.tasks.map((task) =>
      collateTargets(
        task.name,
        task.label,
        examples.map((example, i) => pickTarget(task.definition, example.target, placeOf(i))),
        placeOf,
      ),
    ),
  };
}

/** Padded to a level that is at least the prepared one's, inputs in the room. */
export const padPass = ({ inputs, labels }: PreparedPass, level: number, room: BufferPool): HostPass => ({
  inputs: padInputs(inputs, level, room),
  labels,
});

/** The same, inputs in the room. */
export function assemble(
  pass: Pass,
  examples: readonly Example<unknown, unknown>[],
  placeOf: PlaceOf = inBatch,
  room = new BufferPool(),
): HostPass {
  const prepared = preparePass(pass, examples, placeOf);
  return padPass(prepared, prepared.inputs.level, room);
}
