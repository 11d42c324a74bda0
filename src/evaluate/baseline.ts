import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  baselineInput,
  collateTargets,
  internals,
  measuredSplit,
  measuringContext,
  type NetworkBody,
  openSource,
  type PlaceOf,
  pickInput,
  pickTarget,
  placeOfPart,
  placesIn,
  readExamples,
} from '../network/index.ts';
import { permute } from '../random/index.ts';
import type { Example, Split } from '../task/source.ts';
import { type Design, denseDesign, sparseDesign } from './linear/design.ts';
import { classify, softmaxRegression } from './linear/softmax-regression.ts';
import { type Terms, tfIdf } from './linear/tf-idf.ts';

/** A baseline looks at so many examples of each split. */
const MOST = 10_000;
const CHUNK = 500;
const SEED = 0;

/** What a baseline takes of an example's input. `place`: what an error calls the example. */
type Take<T> = (built: BuiltTask, raw: unknown, place: string) => T;

/** Examples of a task with its targets. */
interface TaskExamples {
  readonly examples: readonly Example<unknown, unknown>[];
  readonly targets: readonly unknown[];
  readonly placeOf: PlaceOf;
}

/** The beginning of a shuffle of a split, at most `MOST` examples, some at a time. */
export async function* beginningOf(body: NetworkBody, built: BuiltTask, split: Split): AsyncGenerator<TaskExamples> {
  const { source } = built.definition;
  const context = measuringContext(body);
  const count = Math.min(MOST, source.counts[split]);
  for (let start = 0; start < count; start += CHUNK) {
    const indices = Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) =>
      Number.isFinite(source.counts[split]) ? permute(start + i, source.counts[split], SEED, 0) : start + i,
    );
    const placeOf = placesIn(split, indices);
    const examples = await readExamples(built.name, source, split, indices, context);
    const targets = examples.map(({ target }, i) => pickTarget(built.definition, target, placeOf(i)));
    yield { examples, targets, placeOf };
  }
}

interface Labelled<T> {
  readonly inputs: readonly T[];
  readonly classes: Int32Array;
}

/** Examples that have a label, at most `MOST`, the beginning of a shuffle of the split. */
async function readLabelled<T>(body: NetworkBody, built: BuiltTask, split: Split, take: Take<T>): Promise<Labelled<T>> {
  const { dtype, shape } = built.label;
  if (dtype !== 'int32' || shape.length > 0) {
    throw new BanyanError(
      'argument',
      `Task "${built.name}" is no classification: expected a head whose label is one int32 class, received ${dtype} of shape [${shape.join(', ')}]. Choose another task.`,
    );
  }
  const inputs: T[] = [];
  const classes: number[] = [];
  for await (const { examples, targets, placeOf } of beginningOf(body, built, split)) {
    const { target, labelled } = collateTargets(built.name, built.label, targets, placeOf);
    for (const [i, { input }] of examples.entries()) {
      if (labelled[i] !== 1) continue;
      classes.push(target.values[i]!);
      inputs.push(take(built, input, placeOf(i)));
    }
  }
  return { inputs, classes: Int32Array.from(classes) };
}

interface Read<T> {
  readonly built: BuiltTask;
  readonly training: Labelled<T>;
  readonly test: Labelled<T>;
}

async function readBoth<T>(body: NetworkBody, task: string, take: Take<T>): Promise<Read<T>> {
  const built = body.task(task);
  await openSource(task, built.definition.source);
  const testSplit = measuredSplit(built.definition.source);
  const training = await readLabelled(body, built, 'training', take);
  const test = await readLabelled(body, built, testSplit, take);
  if (training.classes.length === 0 || test.classes.length === 0) {
    throw new BanyanError(
      'data',
      `Task "${task}" has ${training.classes.length} labelled training and ${test.classes.length} labelled ${testSplit} examples, expected some of both. Give its source both splits.`,
    );
  }
  return { built, training, test };
}

/**
 * Measures the accuracy, on the test split (validation where there is none), of always naming the class that is most frequent in the
 * first 10,000 shuffled training examples.
 * @throws BanyanError `argument` for a task that is no classification, `data` for one without labelled examples.
 */
export async function majorityBaseline(network: AnyNetwork, task: string): Promise<number> {
  const { body, lease } = internals(network);
  const { training, test } = await lease.use(() => readBoth(body, task, () => undefined));
  const counts = new Map<number, number>();
  for (const label of training.classes) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [majority] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return test.classes.filter((label) => label === majority).length / test.classes.length;
}

/**
 * Measures the accuracy, on the test split (validation where there is none), of softmax regression trained on up to 10,000 training
 * examples: what a user would try first, without any network. It sees what the stem says that it should (`Stem.baseline`), else the
 * prepared numbers. Each number is standardised by its training mean and deviation; where there are names of what occurs, or
 * ids of examples of varying length, they are weighed by TF-IDF. A tenth of the training examples chooses how strongly large
 * weights are penalised; no other split is looked at.
 * @throws BanyanError as `majorityBaseline`, and `shape` for a stem whose `baseline` is not alike for all examples.
 */
export async function linearBaseline(network: AnyNetwork, task: string): Promise<number> {
  const { body, lease } = internals(network);
  const { built, training, test } = await lease.use(() => readBoth(body, task, featuresOf));
  const classes = 1 + [...training.classes, ...test.classes].reduce((a, b) => Math.max(a, b));
  const [trainingDesign, testDesign, free] = designs(built.name, training.inputs, test.inputs);
  const guesses = classify(testDesign, softmaxRegression(trainingDesign, training.classes, classes));
  free();
  return test.classes.filter((label, i) => label === guesses[i]).length / test.classes.length;
}

type Features = Float32Array | Terms;

/** What a linear model sees of an example: of several inputs, the numbers or names of all. */
function featuresOf({ name, input }: BuiltTask, raw: unknown, place: string): Features {
  const parts = input.parts.map((part) => {
    const [picked, partPlace] = [pickInput(name, input, part, raw, place), placeOfPart(part, place)];
    return baselineInput(name, part.stem.implementation, picked, partPlace);
  });
  if (parts.length === 1) return parts[0]!;
  const numbers = parts.filter((part) => part instanceof Float32Array);
  if (numbers.length === parts.length) return Float32Array.from(numbers.flatMap((part) => [...part]));
  if (numbers.length > 0) throw unlike(name, 'numbers and names');
  return parts.flatMap((part, i) => Array.from(part as Terms, (term) => `${input.parts[i]!.name}: ${term}`));
}

/** Training and test examples in numbers, and what frees them. */
function designs(
  task: string,
  training: readonly Features[],
  test: readonly Features[],
): [training: Design, test: Design, free: () => void] {
  const all = [...training, ...test];
  if (all.every((features) => features instanceof Float32Array)) {
    const columns = all[0]!.length;
    const other = all.find(({ length }) => length !== columns);
    if (other !== undefined) throw unlike(task, `${columns} and ${other.length} numbers`);
    const matrices = tf.tidy(() => {
      const [trainingRows, testRows] = [training, test].map((rows) =>
        tf.tensor2d(concatenate(rows as readonly Float32Array[], columns), [rows.length, columns]),
      ) as [tf.Tensor2D, tf.Tensor2D]; // [examples, columns]
      const standard = standardise(trainingRows);
      return [standard(trainingRows), standard(testRows)] as const;
    });
    return [denseDesign(matrices[0]), denseDesign(matrices[1]), () => tf.dispose([...matrices])];
  }
  if (all.some((features) => features instanceof Float32Array)) throw unlike(task, 'numbers and names');
  const { columns, row } = tfIdf(training as readonly Terms[]);
  const [trainingDesign, testDesign] = [training, test].map((rows) =>
    sparseDesign((rows as readonly Terms[]).map(row), columns),
  );
  return [trainingDesign!, testDesign!, () => undefined];
}

const unlike = (task: string, received: string) =>
  new BanyanError(
    'shape',
    `Task "${task}": its stem's baseline() gave ${received}, expected the same number of numbers for all examples, or names for all. Let baseline() give the same form for all.`,
  );

function concatenate(inputs: readonly Float32Array[], columns: number): Float32Array {
  const values = new Float32Array(inputs.length * columns);
  for (const [i, input] of inputs.entries()) values.set(input, i * columns);
  return values;
}

/** Each column to mean 0 and deviation 1 by these rows; what is rare in a column that hardly varies is kept within five. */
function standardise(training: tf.Tensor2D): (rows: tf.Tensor2D) => tf.Tensor2D {
  const { mean, variance } = tf.moments(training, 0); // [columns]
  const inverse = variance.add(1e-12).rsqrt(); // [columns]
  return (rows) => rows.sub(mean).mul(inverse).clipByValue(-5, 5) as tf.Tensor2D; // [examples, columns]
}
