import { BanyanError } from '../error.ts';
import { stratifiedOrder } from '../random/index.ts';
import { show } from '../show.ts';
import type { Example, Source, Split } from '../task/source.ts';
import { holdOutFraction, type Partition } from './partition.ts';

/** A matrix holds `shape[0]` examples in one array, in row-major order; example `i` is a view of it, not a copy. */
export interface ExampleMatrix {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export type Numbers = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;
/** There is one label an example; `undefined`, NaN, or -1 for a class say that there is none. */
export type Labels<Target> = Numbers | readonly (Target | undefined)[];
/** Labels of several tasks over the same inputs, by their names. */
export type LabelRecord<Name extends string, Target> = { readonly [name in Name]: Labels<Target> };

export interface ArraySourceOptions<Inputs, Targets> {
  readonly inputs: Inputs;
  readonly targets: Targets;
  /**
   * This part of the examples is held out for validation, in [0, 1): drawn by `seed`, with each class in its share where the labels are
   * classes.
   */
  readonly validation: number;
  /** The seed chooses which examples those are. Default 0. */
  readonly seed?: number;
  /** The published test examples, if there are any. */
  readonly test?: { readonly inputs: Inputs; readonly targets: Targets };
}

/**
 * Makes a source over examples in memory. `inputs` is a list of raw examples or an `ExampleMatrix`; `targets` is one list of labels,
 * or a record of several, from which each task picks its own by `target`.
 * @throws BanyanError `argument` for no examples, lengths that disagree, a fraction outside [0, 1), or a seed that is none;
 * `data`, when it is opened, for an input that is missing.
 */
export function arraySource<Input, Target = number>(
  options: ArraySourceOptions<readonly Input[], Labels<Target>>,
): Source<Input, Target>;
export function arraySource<Target = number>(
  options: ArraySourceOptions<ExampleMatrix, Labels<Target>>,
): Source<Float32Array, Target>;
export function arraySource<Name extends string, Input, Target = number>(
  options: ArraySourceOptions<readonly Input[], LabelRecord<Name, Target>>,
): Source<Input, Readonly<Record<Name, Target>>>;
export function arraySource<Name extends string, Target = number>(
  options: ArraySourceOptions<ExampleMatrix, LabelRecord<Name, Target>>,
): Source<Float32Array, Readonly<Record<Name, Target>>>;
export function arraySource(options: ArraySourceOptions<AnyInputs, AnyTargets>): Source<unknown, unknown> {
  assertForms('', options);
  if (options.test !== undefined) assertForms('test', options.test);
  const stored = column(options.inputs, options.targets, '');
  const test = options.test && column(options.test.inputs, options.test.targets, 'test ');
  const partition = stratified(holdOutFraction(stored.count, options.validation, options.seed), stored.strata, options);
  const counts = { training: partition.training, validation: partition.validation, test: test?.count ?? 0 };
  const example = (split: Split, index: number): Example<unknown, unknown> => {
    if (!(Number.isInteger(index) && index >= 0 && index < counts[split])) {
      throw new BanyanError(
        'argument',
        `There is no ${split} example ${index}: expected 0 to ${counts[split] - 1}. Ask for one of those.`,
      );
    }
    return split === 'test' ? test!.at(index) : stored.at(partition.at(split, index));
  };
  const strata = (split: Split): readonly number[] | undefined => {
    if (split === 'test') return test?.strata;
    return stored.strata && Array.from({ length: counts[split] }, (_, i) => stored.strata![partition.at(split, i)]!);
  };
  const open = async () => {
    assertInputs(options.inputs, 'inputs');
    if (options.test) assertInputs(options.test.inputs, 'test.inputs');
  };
  return { counts, strata, open, read: (split, indices) => indices.map((index) => example(split, index)) };
}

// Sets this shuffle apart from others with the same seed.
const SHUFFLE = 0x61727261;

/** Holds out as many examples, with each class in its share. */
function stratified(
  partition: Partition,
  strata: readonly number[] | undefined,
  { seed = 0 }: { readonly seed?: number },
): Partition {
  const { training, validation } = partition;
  if (strata === undefined || validation === 0) return partition;
  const order = stratifiedOrder(strata, seed, SHUFFLE);
  return {
    training,
    validation,
    at: (split, index) => order[split === 'validation' ? index : validation + index]!,
  };
}

/**
 * Labels are taken for classes where they are whole numbers or words and occur twice or more in the mean; missing ones are a
 * class too.
 */
function strataOf(lists: readonly Labels<unknown>[]): readonly number[] | undefined {
  const [first, ...others] = lists;
  if (first === undefined || others.length > 0) return undefined;
  const labels = Array.from(first as ArrayLike<unknown>, (label) => (isMissing(label) ? -1 : label));
  const classes = [...new Set(labels)];
  if (classes.length > labels.length / 2 || !classes.every(isClass)) return undefined;
  const numbers = new Map(classes.map((label, i) => [label, i]));
  return labels.map((label) => numbers.get(label)!);
}

const isClass = (label: unknown) => typeof label === 'string' || Number.isInteger(label);

const isMissing = (label: unknown) => label === undefined || Number.isNaN(label);

type AnyInputs = readonly unknown[] | ExampleMatrix;
type AnyTargets = Labels<unknown> | LabelRecord<string, unknown>;

const isList = (value: AnyInputs | AnyTargets): value is Labels<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isMatrix = (value: object): value is ExampleMatrix =>
  'data' in value && ArrayBuffer.isView(value.data) && 'shape' in value && Array.isArray(value.shape);

/** Refuses what types would refuse too, for programs without them. `part`: whose inputs and targets these are. */
function assertForms(part: string, examples: unknown): void {
  const assert = (good: boolean, name: string, expected: string, received: unknown) => {
    if (good) return;
    const place = [part, name].filter(Boolean).join('.') || 'its argument';
    throw new BanyanError(
      'argument',
      `arraySource: ${place} must be ${expected}, received ${show(received)}. Correct it.`,
    );
  };
  assert(isObject(examples), '', 'a section with inputs and targets', examples);
  const { inputs, targets } = examples as { readonly inputs?: unknown; readonly targets?: unknown };
  const isExamples = Array.isArray(inputs) || (isObject(inputs) && isMatrix(inputs));
  assert(isExamples, 'inputs', 'a list of examples, or a matrix with data and shape', inputs);
  const lists = isObject(targets) && !isList(targets as AnyTargets) ? Object.values(targets) : [targets];
  const areLabels = lists.every((list) => isObject(list) && isList(list as AnyTargets));
  assert(areLabels, 'targets', 'a list of labels, or a section with a list for each name', targets);
}

/** Tells the place in the user's own list, whichever split takes it: what is held out would else be read late or never. */
function assertInputs(inputs: AnyInputs, name: string): void {
  const at = Array.isArray(inputs) ? inputs.findIndex((input) => input === undefined || input === null) : -1;
  if (at < 0) return;
  throw new BanyanError(
    'data',
    `The source's ${name}[${at}] is ${(inputs as readonly unknown[])[at]}, expected an input for each label. Give the example an input, or leave it out.`,
  );
}

/** Checks inputs and targets, and puts them side by side. */
function column(inputs: AnyInputs, targets: AnyTargets, which: string) {
  const rows = isList(inputs) ? { count: inputs.length, at: (i: number) => inputs[i] } : matrixRows(inputs, which);
  if (rows.count === 0) {
    throw new BanyanError(
      'argument',
      `The source's ${which}inputs are empty: expected at least one example, received none. Give it examples.`,
    );
  }
  const lists: [string, Labels<unknown>][] = isList(targets) ? [['targets', targets]] : Object.entries(targets);
  for (const [name, list] of lists) {
    if (list.length !== rows.count) {
      throw new BanyanError(
        'argument',
        `The source has ${rows.count} ${which}inputs, but ${list.length} ${which}labels in "${name}": expected one label an input. Correct the one that is wrong.`,
      );
    }
  }
  const target = isList(targets)
    ? (i: number) => targets[i]
    : (i: number) => Object.fromEntries(lists.map(([name, list]) => [name, list[i]]));
  return {
    count: rows.count,
    strata: strataOf(lists.map(([, list]) => list)),
    at: (i: number): Example<unknown, unknown> => ({ input: rows.at(i), target: target(i) }),
  };
}

function matrixRows({ data, shape }: ExampleMatrix, which: string) {
  const count = shape[0] ?? 0;
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  if (data.length !== count * size) {
    throw new BanyanError(
      'argument',
      `The source's ${which}inputs have shape [${shape.join(', ')}]: expected ${count * size} numbers, received ${data.length}. Correct the shape or the data.`,
    );
  }
  return { count, at: (i: number) => data.subarray(i * size, (i + 1) * size) };
}
