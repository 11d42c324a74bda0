// Trains networks of several sizes as one worker of a cluster, or alone, a fixed sleep in place of the arithmetic of a large batch, and
// writes what a step took as JSON. Arguments: JSON of `Request`.
import { readFileSync } from 'node:fs';
import { lastValueFrom, tap } from 'rxjs';
import { type ClusterOptions, createNetwork, denseTrunk, sgd, type TrainOptions, train } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { numbersTask } from '../fixtures.ts';

export interface Request {
  readonly cluster?: ClusterOptions;
  readonly widths: readonly number[];
  /** Milliseconds that each step sleeps, and how many steps are measured with each. */
  readonly sleeps: readonly { readonly milliseconds: number; readonly steps: number }[];
  /** What is sent, one way after the other. */
  readonly ways: readonly Way[];
}

/** Gradients in each step, in one of two types; or weights, in float32, every so many steps. */
export type Way = NonNullable<TrainOptions['exchange']> | `every-${number}`;

export interface Measured {
  readonly weights: number;
  readonly way: Way;
  readonly sleep: number;
  /** The median over the steps, sleep included; the mean where most steps send nothing. */
  readonly milliseconds: number;
  /** Sent by this worker, headers included. */
  readonly bytesPerStep: number;
}

/** Steps that are not counted: the first makes the graph. */
const WARM = 3;

const { cluster, widths, sleeps, ways }: Request = JSON.parse(process.argv[2]!);
await startRuntime({ require: 'tensorflow', threads: 1 });
const measured: Measured[] = [];
for (const way of ways)
  for (const width of widths)
    for (const { milliseconds, steps } of sleeps) measured.push(await measure(width, milliseconds, steps, way));
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));

async function measure(width: number, sleep: number, atLeast: number, way: Way): Promise<Measured> {
  const every = way.startsWith('every-') ? Number(way.slice('every-'.length)) : undefined;
  const warm = every ?? WARM;
  const steps = every === undefined ? atLeast : every * Math.ceil(atLeast / every);
  const network = await createNetwork({ trunk: denseTrunk({ width, depth: 1 }), tasks: [numbersTask('a')], seed: 1 });
  const weights = internals(network)
    .body.store.all()
    .reduce((sum, { tensor }) => sum + tensor.size, 0);
  const times: number[] = [];
  let [since, sentBefore, counted] = [0, 0, 0];
  const training = train(network, {
    steps: steps + warm,
    batch: 2,
    optimizer: sgd({ learningRate: 1e-6 }),
    compile: 'graph',
    ...(cluster && {
      cluster,
      ...(every === undefined ? { exchange: way as 'float32' } : { synchronizeEvery: every }),
    }),
  });
  await lastValueFrom(
    training.pipe(
      tap((event) => {
        if (event.kind !== 'step') return;
        // Nothing else runs meanwhile, as if the thread computed.
        if (sleep > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sleep);
        const now = performance.now();
        if (event.step > warm) times.push(now - since);
        if (event.step === warm) sentBefore = sentBytes();
        counted = sentBytes();
        since = now;
      }),
    ),
  );
  network.dispose();
  times.sort((a, b) => a - b);
  return {
    weights,
    way,
    sleep,
    milliseconds: every === undefined ? times[times.length >> 1]! : times.reduce((a, b) => a + b, 0) / times.length,
    bytesPerStep: (counted - sentBefore) / steps,
  };
}

/** What this worker's network interface has sent. */
function sentBytes(): number {
  const lines = readFileSync('/proc/net/dev', 'utf8').split('\n');
  const own = lines.find((line) => line.trim().startsWith('eth0:'));
  return own === undefined ? 0 : Number(own.split(':')[1]!.trim().split(/\s+/)[8]);
}
