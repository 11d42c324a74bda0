import { BanyanError } from '../../error.ts';
import type { Source, Split } from '../../task/source.ts';
import type { NetworkBody } from '../assembly/body.ts';
import type { BuiltTask } from '../assembly/built.ts';
import { openSource } from '../assembly/open-source.ts';
import { assembleInputs } from '../batch/collate.ts';
import type { HostTensor } from '../batch/host-tensor.ts';
import { collateTargets, pickTarget } from '../batch/labels.ts';
import { placesIn } from '../batch/places.ts';
import { partOf } from '../batch/portion.ts';
import { readExamples } from '../batch/read-examples.ts';
import { measuringContext } from './context.ts';

const BATCH = 32;

/** Labelled held-out examples of one task, on the host. */
export interface HeldOutBatch {
  /** The inputs as `encode` takes them. */
  readonly inputs: readonly HostTensor[];
  readonly target: HostTensor;
  /** `[batch]`: 1, and 0 for those that only fill the last batch. */
  readonly counts: HostTensor;
  /** How many of them count. */
  readonly size: number;
}

/** The split on which a task is measured unless another is asked for: `test` where its source has one, else `validation`. */
export const measuredSplit = ({ counts }: Pick<Source<unknown, unknown>, 'counts'>): Split =>
  counts.test > 0 ? 'test' : 'validation';

/** An example with the label of one task. */
export interface LabelledExample {
  readonly input: unknown;
  readonly target: unknown;
  /** What an error calls it. */
  readonly place: string;
}

/** @throws BanyanError `data` for a split that has no examples, or endlessly many. */
export function checkSplit({ name, definition }: BuiltTask, split: Split): void {
  const count = definition.source.counts[split];
  if (count > 0 && Number.isFinite(count)) return;
  throw new BanyanError(
    'data',
    `Task "${name}" has ${count} ${split} examples, expected at least one and not endlessly many. Give its source a ${split} split.`,
  );
}

/**
 * Reads so many labelled examples, drawn from the whole validation split, or, where there is none, from the test split; they are the
 * same each time.
 * @throws BanyanError `data` where no held-out example has a label.
 */
export async function heldOutBatches(body: NetworkBody, built: BuiltTask, count: number): Promise<HeldOutBatch[]> {
  const examples = await labelledExamples(body, built, 'held-out', count);
  const rows = Math.min(BATCH, examples.length);
  return Array.from({ length: Math.ceil(examples.length / rows) }, (_, i) => {
    const chunk = examples.slice(i * rows, (i + 1) * rows);
    // One shape for all batches: the last is filled with repeated examples that count for nothing.
    return batchOf(
      built,
      Array.from({ length: rows }, (_, r) => chunk[r % chunk.length]!),
      chunk.length,
    );
  });
}

/**
 * Reads so many labelled examples of one task as they are, drawn from the whole of a split; they are the same each time. `held-out`: of the
 * validation split, or, where there is none, of the test split.
 * @throws BanyanError `data` for a split without labels.
 */
export async function labelledExamples(
  body: NetworkBody,
  built: BuiltTask,
  wanted: Split | 'held-out',
  count: number,
): Promise<readonly LabelledExample[]> {
  const { source } = built.definition;
  await openSource(built.name, source);
  const heldOut = source.counts.validation > 0 ? 'validation' : 'test';
  const split = wanted === 'held-out' ? heldOut : wanted;
  checkSplit(built, split);
  const context = measuringContext(body);
  const found: LabelledExample[] = [];
  const whole = source.counts[split];
  const place = partOf(source, split, count);
  for (let start = 0; start < whole && found.length < count; start += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, whole - start) }, (_, i) => place(start + i));
    const examples = await readExamples(built.name, source, split, indices, context);
    const placeOf = placesIn(split, indices);
    const targets = examples.map(({ target }, i) => pickTarget(built.definition, target, placeOf(i)));
    const { labelled } = collateTargets(built.name, built.label, targets, placeOf);
    const read = examples.map(({ input }, i) => ({ input, target: targets[i], place: placeOf(i) }));
    found.push(...read.filter((_, i) => labelled[i] === 1));
  }
  if (found.length > 0) return found.slice(0, count);
  throw new BanyanError(
    'data',
    `Task "${built.name}" has no label among its ${split} examples, expected at least one. Give its source a ${split} split with labels.`,
  );
}

function batchOf(built: BuiltTask, examples: readonly LabelledExample[], size: number): HeldOutBatch {
  const raw = examples.map(({ input }) => input);
  const labels = examples.map(({ target }) => target);
  const placeOf = (i: number) => examples[i]!.place;
  return {
    inputs: assembleInputs(built.name, built.input, raw, placeOf),
    target: collateTargets(built.name, built.label, labels, placeOf).target,
    counts: {
      shape: [examples.length],
      dtype: 'float32',
      values: Float32Array.from(examples, (_, i) => (i < size ? 1 : 0)),
    },
    size,
  };
}
