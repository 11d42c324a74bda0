// Trains small networks one after the other, as one worker of a cluster or alone, and writes what each ends with as JSON.
// Arguments: JSON of `Request`.
import { createHash } from 'node:crypto';
import { lastValueFrom, tap } from 'rxjs';
import {
  adamW,
  type ClusterOptions,
  constantSchedule,
  createNetwork,
  type Network,
  sgd,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { numbersTask } from '../fixtures.ts';
import { type Case, cases } from '../runtime/capture/cases.ts';
import { together } from '../train/tasks.ts';

export interface Request {
  readonly cluster?: ClusterOptions;
  readonly batch: number;
  readonly accumulate: number;
  readonly steps: number;
  /** Options of every training. */
  readonly options?: Pick<TrainOptions, 'exchange' | 'clip' | 'synchronizeEvery'>;
  /** What of a gradient a step takes. */
  readonly rate?: number;
  /** Those whose names begin so; absent: all. */
  readonly names?: readonly string[];
  /** Methods that balance tasks. */
  readonly balances?: readonly TrainOptions['balance'][];
}

/** What a training ends with. */
export interface Ending {
  readonly digest: string;
  readonly losses: readonly number[];
  readonly norm: number;
  /** The first weights of each variable. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

const request: Request = JSON.parse(process.argv[2]!);
const { cluster, steps } = request;
await startRuntime({ require: 'tensorflow', threads: 1 });

const balanced = (balance: TrainOptions['balance']): Case => ({
  name: `balance ${JSON.stringify(balance)}`,
  trunk: transformerTrunk({ width: 8, depth: 1, heads: 2, dropout: 0.1 }),
  make: () => ({
    tasks:
      typeof balance === 'object' && balance.on === 'activations'
        ? together()
        : [
            numbersTask('a'),
            numbersTask('b', (x, i) => (i % 3 === 0 ? undefined : -3 * x[0]!), { weight: 0.5 }),
            numbersTask('c', (x) => x[2]!),
          ],
  }),
  options: {
    balance,
    optimizer: adamW({ learningRate: 0.01 }),
    ...(balance === 'equal' ? { compareGradientsEvery: 2 } : {}),
  } as Partial<TrainOptions>,
});

const wanted = [
  ...cases().filter(({ name }) => request.names === undefined || request.names.some((start) => name.startsWith(start))),
  ...(request.balances ?? []).map(balanced),
];
const endings: Record<string, Ending | { readonly error: string }> = {};
for (const one of wanted) {
  try {
    endings[one.name] = await endingOf(one);
  } catch (error) {
    endings[one.name] = { error: (error as Error).message };
    if (cluster !== undefined) break;
  }
}
process.stdout.write(JSON.stringify(endings), () => process.exit(0));

async function endingOf(one: Case): Promise<Ending> {
  const { tasks, done } = one.make();
  const network: Network = await createNetwork({ trunk: one.trunk, tasks, seed: 3 });
  for (const column of one.grow ?? []) await network.addColumn(column);
  const figures: number[][] = [];
  const parts = request.accumulate * (one.options?.accumulate ?? 1);
  const training = train(network, {
    steps,
    seed: 4,
    optimizer: sgd({ learningRate: request.rate ?? 0.05 }),
    schedule: constantSchedule(),
    ...one.options,
    ...request.options,
    batch: request.batch,
    accumulate: parts,
    compile: 'graph',
    ...(cluster === undefined ? {} : { cluster }),
  });
  await lastValueFrom(
    training.pipe(
      tap((event) => {
        if (event.kind === 'step')
          figures.push([...Object.values(event.losses).map((loss) => loss!), event.gradientNorm]);
      }),
    ),
  );
  const hash = createHash('sha256');
  const weights: Record<string, number[]> = {};
  for (const { name, tensor } of internals(network).body.store.all()) {
    const values = tensor.dataSync() as Float32Array;
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    weights[name] = [...values.slice(0, 4)];
  }
  network.dispose();
  done?.();
  const last = figures.at(-1)!;
  return {
    digest: hash.digest('hex'),
    losses: figures.flatMap((step) => step.slice(0, -1)),
    norm: last.at(-1)!,
    weights,
  };
}
