// Trains a small network without draws as one worker of a cluster, or alone on the share of one of two workers, and writes all weights and slots as
// JSON. Arguments: JSON of `Request`.
import { lastValueFrom, tap } from 'rxjs';
import {
  adamW,
  type ClusterOptions,
  constantSchedule,
  createNetwork,
  denseTrunk,
  exponentialAverage,
  type Source,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { indicesAt } from '../../src/train/reading/order.ts';
import { trainingState } from '../../src/train/state/training-state.ts';
import { numbersTask } from '../fixtures.ts';

export interface Request {
  readonly cluster?: ClusterOptions;
  /** The worker whose share is worked on alone. */
  readonly share?: number;
  readonly steps: number;
  readonly batch: number;
  readonly options?: Pick<TrainOptions, 'accumulate' | 'synchronizeEvery' | 'parameters'>;
}

export interface Ending {
  /** Weights, slots of the optimiser and of the average, by name. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  /** Of the steps. */
  readonly losses: readonly number[];
  readonly labelled: readonly number[];
}

const SEED = 4;
const { cluster, share, steps, batch, options }: Request = JSON.parse(process.argv[2]!);
await startRuntime({ require: 'tensorflow', threads: 1 });
const task = numbersTask('a', (x, i) => (i % 3 === 0 ? undefined : x[1]! - x[2]!));

/** The examples that worker `k` of two reads in so many steps, in the order in which one process alone reads as many. */
function shareOf<I, T>(source: Source<I, T>, k: number): Source<I, T> {
  const all = source.counts.training;
  const count = steps * batch;
  const read = Array.from({ length: count }, (_, p) => {
    const step = Math.floor(p / batch);
    return indicesAt(2 * step * batch + k * batch + (p % batch), all, 1, SEED)[0]!;
  });
  const places = indicesAt(0, count, count, SEED);
  const indexAt = new Map(places.map((place, p) => [place, read[p]!]));
  return {
    counts: { ...source.counts, training: count },
    read: (split, indices, context) =>
      source.read(
        split,
        indices.map((i) => (split === 'training' ? indexAt.get(i)! : i)),
        context,
      ),
  };
}

const network = await createNetwork({
  trunk: denseTrunk({ width: 8, depth: 1 }),
  tasks: [
    share === undefined ? task : { ...task, source: shareOf(task.source as Source<readonly number[], number>, share) },
  ],
  seed: 3,
});
const losses: number[] = [];
const labelled: number[] = [];
await lastValueFrom(
  train(network, {
    steps,
    batch,
    seed: SEED,
    optimizer: adamW({ learningRate: 0.05 }),
    schedule: constantSchedule(),
    average: exponentialAverage({ decay: 0.5, use: 'raw' }),
    compile: 'graph',
    ...options,
    ...(cluster && { cluster }),
  }).pipe(
    tap((event) => {
      if (event.kind !== 'step') return;
      losses.push(event.losses.a!);
      labelled.push(event.labelled.a!);
    }),
  ),
);
const { body } = internals(network);
const { slots, average } = trainingState(body, undefined);
const values: Record<string, readonly number[]> = {};
for (const { name, tensor } of body.store.all()) {
  values[name] = [...tensor.dataSync()];
  for (const [of, all] of [
    ['optimizer', slots],
    ['average', average!.slots],
  ] as const)
    for (const [slot, variable] of Object.entries(all.get(name) ?? {}))
      values[`${name} ${of} ${slot}`] = [...variable.dataSync()];
}
const ending: Ending = { values, losses, labelled };
process.stdout.write(JSON.stringify(ending), () => process.exit(0));
