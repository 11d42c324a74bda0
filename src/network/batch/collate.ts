import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';
import type { Stem, TypedArray } from '../../task/contract.ts';
import type { Example } from '../../task/source.ts';
import { type BuiltInput, type Entry, entriesOf, type Pass } from '../assembly/built.ts';
import { BufferPool } from './buffer-pool.ts';
import { type HostTensor, product } from './host-tensor.ts';
import { pickInput, placeOfPart, prepareInput } from './input.ts';
import { collateTargets, cutTo, type HostLabels, pickTarget } from './labels.ts';
import { countLevels, type Lengths, labelLengths, lengthAt, levelFor } from './lengths.ts';
import { inBatch, type PlaceOf } from './places.ts';

const KINDS = [Float32Array, Int32Array, Uint8Array];
// A Buffer is a Uint8Array as well.
const kindOf = (example: unknown) => KINDS.find((kind) => example instanceof kind);

/** Puts prepared examples into one tensor `[batch, …inputShape]` of the pool, padded with 0 to the stem's next length. */
export function collate(
  task: string,
  stem: Stem<unknown>,
  prepared: readonly TypedArray[],
  pool = new BufferPool(),
  placeOf = inBatch,
): HostTensor {
  const longest = longestOf(task, stem, prepared, placeOf);
  return pad(stem, prepared, stem.lengths?.find((length) => length >= longest) ?? stem.inputShape[0]!, pool);
}

/** Counts the positions of the longest of a batch's examples. @throws BanyanError `shape` for what the stem must not give. */
function longestOf(task: string, stem: Stem<unknown>, prepared: readonly TypedArray[], placeOf: PlaceOf): number {
  const row = product(stem.inputShape.slice(1));
  const full = product(stem.inputShape);
  const kind = kindOf(prepared[0]);
  let longest = 0;
  for (const [i, example] of prepared.entries()) {
    if (kind === undefined || kindOf(example) !== kind) {
      throw new BanyanError(
        'shape',
        `Task "${task}": ${placeOf(i)} was prepared to ${kindOf(example)?.name ?? show(example)}, expected ${KINDS.map((type) => type.name).join(', ')}, and the same for all examples. Correct the stem's prepare().`,
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

function pad(stem: Stem<unknown>, prepared: readonly TypedArray[], length: number, pool: BufferPool): HostTensor {
  const size = length * product(stem.inputShape.slice(1));
  const dtype = prepared[0] instanceof Float32Array ? 'float32' : 'int32';
  const values = pool.take(dtype, prepared.length * size);
  for (const [i, example] of prepared.entries()) {
    values.set(example, i * size);
    if (example.length < size) values.fill(0, i * size + example.length, (i + 1) * size);
  }
  return { shape: [prepared.length, length, ...stem.inputShape.slice(1)], dtype, values } as HostTensor;
}

/** A batch as each of an input's entries takes it; not padded yet. */
interface PreparedInputs {
  readonly stems: readonly { readonly stem: Stem<unknown>; readonly examples: readonly TypedArray[] }[];
  readonly levels: number;
  /** The lowest level on which the examples find room. */
  readonly level: number;
}

const prepareFor = (task: string, input: BuiltInput, { part, stem }: Entry, raw: unknown, place: string): TypedArray =>
  prepareInput(task, stem.implementation, pickInput(task, input, part, raw, place), placeOfPart(part, place));

/** Prepares a raw example for each of an input's entries. `place`: what an error calls it. @throws BanyanError as `prepareInput`. */
export const prepareExample = (task: string, input: BuiltInput, raw: unknown, place: string): readonly TypedArray[] =>
  entriesOf(input).map((entry) => prepareFor(task, input, entry, raw, place));

/** `labels`: what is padded by the same level, and may have more of them. */
function prepareInputs(
  task: string,
  input: BuiltInput,
  raw: readonly unknown[],
  placeOf: PlaceOf,
  labels: readonly Lengths[] = [],
): PreparedInputs {
  const stems = entriesOf(input).map((entry) => ({
    stem: entry.stem.implementation,
    examples: raw.map((example, i) => prepareFor(task, input, entry, example, placeOf(i))),
  }));
  return withLevel(task, input, stems, placeOf, labels);
}

/** Finds the level of examples that are prepared for each of an input's entries. */
function withLevel(
  task: string,
  input: BuiltInput,
  stems: PreparedInputs['stems'],
  placeOf: PlaceOf,
  labels: readonly Lengths[] = [],
): PreparedInputs {
  const levels = countLevels([...stems.map(({ stem }) => stem), ...labels]);
  const needed = entriesOf(input).map(({ part }, e) => {
    const { stem, examples } = stems[e]!;
    return levelFor(
      stem,
      longestOf(task, stem, examples, (i) => placeOfPart(part, placeOf(i))),
      levels,
    );
  });
  return { stems, levels, level: Math.max(...needed) };
}

function padInputs({ stems, levels }: PreparedInputs, level: number, pool: BufferPool): readonly HostTensor[] {
  return stems.map(({ stem, examples }) => pad(stem, examples, lengthAt(stem, level, levels), pool));
}

/** Brings raw examples into the form that each of an input's entries takes. */
export function assembleInputs(
  task: string,
  input: BuiltInput,
  raw: readonly unknown[],
  placeOf: PlaceOf = inBatch,
  pool = new BufferPool(),
): readonly HostTensor[] {
  const prepared = prepareInputs(task, input, raw, placeOf);
  return padInputs(prepared, prepared.level, pool);
}

/** Puts examples that `prepareExample` gave into the form that each of an input's entries takes. */
export function collateInputs(
  task: string,
  input: BuiltInput,
  examples: readonly (readonly TypedArray[])[],
  placeOf: PlaceOf = inBatch,
  pool = new BufferPool(),
): readonly HostTensor[] {
  const stems = entriesOf(input).map(({ stem }, e) => ({
    stem: stem.implementation,
    examples: examples.map((example) => example[e]!),
  }));
  const prepared = withLevel(task, input, stems, placeOf);
  return padInputs(prepared, prepared.level, pool);
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
  /** By task: the lengths that its labels may have; undefined where they do not vary. */
  readonly lengths: readonly (Lengths | undefined)[];
}

/** By task of a pass: the lengths that its labels may have; undefined where they do not vary. */
const labelLengthsOf = ({ tasks }: Pick<Pass, 'tasks'>): readonly (Lengths | undefined)[] =>
  tasks.map(({ label }) => (label?.lengths === undefined ? undefined : labelLengths(label)));

/** Lists what is padded together in the batches of a pass: inputs of its stems, and labels of varying length. */
export const paddedOf = (pass: Pick<Pass, 'input' | 'tasks'>): readonly Lengths[] => [
  ...entriesOf(pass.input).map(({ stem }) => stem.implementation),
  ...labelLengthsOf(pass).filter((lengths) => lengths !== undefined),
];

/** Prepares raw examples for one pass. `placeOf`: what an error calls each. */
export function preparePass(
  pass: Pass,
  examples: readonly Example<unknown, unknown>[],
  placeOf: PlaceOf = inBatch,
): PreparedPass {
  const lengths = labelLengthsOf(pass);
  const raw = examples.map(({ input }) => input);
  const varying = lengths.filter((label) => label !== undefined);
  const inputs = prepareInputs(pass.tasks[0]!.name, pass.input, raw, placeOf, varying);
  const labels = pass.tasks.map((task) =>
    collateTargets(
      task.name,
      task.label,
      examples.map((example, i) => pickTarget(task.definition, example.target, placeOf(i))),
      placeOf,
    ),
  );
  const needed = lengths.map((label, t) => (label ? levelFor(label, labels[t]!.longest, inputs.levels) : 0));
  return { inputs: { ...inputs, level: Math.max(inputs.level, ...needed) }, labels, lengths };
}

/** Pads a prepared batch to a level that is at least its own, with inputs of the pool. */
export const padPass = ({ inputs, labels, lengths }: PreparedPass, level: number, pool: BufferPool): HostPass => ({
  inputs: padInputs(inputs, level, pool),
  labels: labels.map((label, t) => {
    const varying = lengths[t];
    return varying === undefined ? label : cutTo(label, lengthAt(varying, level, inputs.levels));
  }),
});

/** Prepares raw examples for one pass and pads them, with inputs of the pool. */
export function assemble(
  pass: Pass,
  examples: readonly Example<unknown, unknown>[],
  placeOf: PlaceOf = inBatch,
  pool = new BufferPool(),
): HostPass {
  const prepared = preparePass(pass, examples, placeOf);
  return padPass(prepared, prepared.inputs.level, pool);
}
