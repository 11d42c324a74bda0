// Trains the joint network (clothing, instruments, intents) as one worker of a cluster, measures it on the test splits, and writes what came
// of it as JSON. Arguments: JSON of `Request`.
import { clothing, instruments, intents } from 'banyan-ml/tasks';
import { lastValueFrom, tap } from 'rxjs';
import { joinCluster } from '../../src/cluster/index.ts';
import {
  type AnyTask,
  adamW,
  type ClusterOptions,
  cosineSchedule,
  createNetwork,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { finalMetrics } from '../../src/study/run/final-metrics.ts';

export interface Request {
  readonly cluster: ClusterOptions;
  readonly steps: number;
  readonly seed: number;
  readonly options: Partial<TrainOptions>;
}

export interface Outcome {
  /** Accuracies on the test splits, by task. */
  readonly accuracy: Readonly<Record<string, number>>;
  /** The sum of the tasks' losses in this worker, the mean of the last 40 steps. */
  readonly loss: number;
  /** Seconds that the threads of this process have worked, all in all. */
  readonly processor: number;
}

const LAST = 40;
const { cluster, steps, seed, options }: Request = JSON.parse(process.argv[2]!);
await startRuntime({ require: 'tensorflow', threads: 1 });
const network = await createNetwork({
  trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
  tasks: [clothing, instruments, intents] as AnyTask[],
  seed,
});
const losses: number[] = [];
const training = train(network, {
  steps,
  // Of two workers: half of what one process would take.
  batch: { clothing: 16, instruments: 8, intents: 16 },
  seed,
  optimizer: adamW({ learningRate: 1.5e-3 }),
  schedule: cosineSchedule({ warmup: 50 }),
  ...options,
  cluster,
});
await lastValueFrom(
  training.pipe(
    tap((event) => {
      if (event.kind === 'step')
        losses.push(Object.values(event.losses).reduce<number>((sum, loss = 0) => sum + loss, 0));
    }),
  ),
);
const team = await joinCluster(cluster);
const { metrics } = await finalMetrics(network, undefined, team);
await team.leave();
const { user, system } = process.cpuUsage();
const outcome: Outcome = {
  accuracy: Object.fromEntries(Object.entries(metrics).map(([task, { accuracy }]) => [task, accuracy!])),
  loss: losses.slice(-LAST).reduce((sum, loss) => sum + loss, 0) / LAST,
  processor: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
