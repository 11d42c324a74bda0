import { getHeapStatistics } from 'node:v8';
import { BanyanError } from '../../error.ts';
import { type BuiltTask, entriesOf, type NetworkBody, type Pass, passesOf } from '../../network/index.ts';
import { type Average, type Optimizer, slotsFor } from '../../optimise/index.ts';
import { mostMemory } from '../../runtime/index.ts';
import { showBytes } from '../../show.ts';
import { trainedVariables } from './trained-variables.ts';

/** Bytes of the JavaScript heap that an example takes at the least: an object of two values, and its place in a few lists. */
const EXAMPLE = 64;
/** Bytes of a number on the host and on the device. */
const NUMBER = 4;

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Counts the numbers of an example, as short as its stems let it be, and of its labels. */
function numbersOf({ input, tasks }: Pass): number {
  const inputs = entriesOf(input).map(
    ({
      stem: {
        implementation: { inputShape, lengths },
      },
    }) => product([lengths?.[0] ?? inputShape[0]!, ...inputShape.slice(1)]),
  );
  const labels = tasks.map(({ label }) => product(label.shape));
  return [...inputs, ...labels].reduce((a, b) => a + b, 0);
}

/**
 * Finds what cannot be trained for lack of memory before anything is read for it. It counts what there must be at the least: the
 * weights, what the optimiser keeps for each, and the examples of one batch. `sizes`: examples of each task in one step.
 * @throws BanyanError `memory` that says what is needed, and what to lower.
 */
export function checkMemory(
  body: Pick<NetworkBody, 'store' | 'trainable'>,
  tasks: readonly BuiltTask[],
  sizes: ReadonlyMap<string, number>,
  optimizer: Pick<Optimizer, 'slots'>,
  average?: Pick<Average, 'slots'>,
): void {
  const batches = passesOf(tasks).map((pass) => {
    const size = sizes.get(pass.tasks[0]!.name)!;
    return { size, name: pass.tasks[0]!.name, bytes: size * numbersOf(pass) * NUMBER };
  });
  const largest = batches.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const ofBatches = batches.reduce((sum, { bytes }) => sum + bytes, 0);
  const numbers = (variables: readonly { readonly tensor: { readonly size: number } }[]) =>
    variables.reduce((sum, { tensor }) => sum + tensor.size, 0);
  const trained = trainedVariables(body, tasks);
  const inAverage = (average?.slots.length ?? 0) * numbers(trained);
  const inSlots = trained.flatMap(({ name, scope, tensor: { shape }, decay }) =>
    slotsFor(optimizer, { name, scope, shape, decay }).map((slot) => product(slot.shape ?? shape)),
  );
  const weights = NUMBER * (numbers(body.store.all()) + inSlots.reduce((a, b) => a + b, inAverage));
  const most = mostMemory();
  const batch = `${largest.size} examples of task "${largest.name}"`;
  if (weights + ofBatches > most) {
    const mend = ofBatches > weights ? 'Lower `batch`.' : "Lower the trunk's width or depth.";
    throw new BanyanError(
      'memory',
      `train: a step needs at least ${showBytes(weights + ofBatches)}, ${showBytes(weights)} for the weights and the optimiser and ${showBytes(ofBatches)} for a batch with ${batch}; expected at most ${showBytes(most)}, which is what this process can have. ${mend}`,
    );
  }
  const objects = EXAMPLE * Math.max(...batches.map(({ size }) => size));
  const { heap_size_limit: heap } = getHeapStatistics();
  if (objects <= heap) return;
  throw new BanyanError(
    'memory',
    `train: a batch with ${batch} needs at least ${showBytes(objects)} for its examples, expected at most ${showBytes(heap)}, which is what this process's JavaScript heap can have. Lower \`batch\`.`,
  );
}
