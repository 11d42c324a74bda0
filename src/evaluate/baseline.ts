import { BanyanError } from '../error.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  collateTargets,
  internals,
  measuredSplit,
  measuringContext,
  type NetworkBody,
  openSource,
  type PlaceOf,
  pickTarget,
  placesIn,
  readExamples,
} from '../network/index.ts';
import { permute } from '../random/index.ts';
import type { Example, Split } from '../task/source.ts';

/** A baseline looks at so many examples of each split. */
const MOST = 10_000;
const CHUNK = 500;
const SEED = 0;

/** What a baseline takes of an example's input. `place`: what an error calls the example. */
export type Take<T> = (built: BuiltTask, raw: unknown, place: string) => T;

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

export interface Labelled<T> {
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

export interface Read<T> {
  readonly built: BuiltTask;
  readonly training: Labelled<T>;
  readonly test: Labelled<T>;
}

/**
 * Reads the labelled examples of a classification that it is trained on and measured by.
 * @throws BanyanError as `majorityBaseline`.
 */
export async function readBoth<T>(body: NetworkBody, task: string, take: Take<T>): Promise<Read<T>> {
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
