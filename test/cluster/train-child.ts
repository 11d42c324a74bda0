// Trains small networks one after the other, as one worker of a cluster or alone; writes a line of JSON for each.
// Arguments: JSON of `Request`.
import { createHash } from 'node:crypto';
import * as control from 'banyan-ml/heads/control';
import { tap } from 'rxjs';
import {
  type AnyTask,
  adamW,
  type BanyanError,
  type ClusterOptions,
  createNetwork,
  defineTask,
  denseTrunk,
  resume,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { Catch } from '../../tasks/catch/game.ts';
import { numbersSource, numbersTask } from '../fixtures.ts';

export interface Work
  extends Pick<
    TrainOptions,
    | 'steps'
    | 'epochs'
    | 'accumulate'
    | 'checkpoint'
    | 'evaluateEvery'
    | 'compile'
    | 'profile'
    | 'resize'
    | 'synchronizeEvery'
  > {
  readonly batch: number;
  readonly resumes?: boolean;
  /** The step after which the function `stop` says so, */
  readonly stopsAt?: number;
  /** the signal is aborted, */
  readonly abortsAt?: number;
  /** or the process is killed, */
  readonly killedAt?: number;
  /** or stopped. */
  readonly haltedAt?: number;
  /** Milliseconds that it sleeps after each step, or after one alone. */
  readonly sleeps?: number;
  readonly sleepsAt?: number;
  /** Whether there is a game too. */
  readonly plays?: boolean;
  /** Whether there is a task too with many examples to measure. */
  readonly measures?: boolean;
  /** Whether the targets of this worker are so far off that a loss is not finite. */
  readonly broken?: boolean;
  readonly seed?: number;
}

export interface Request {
  readonly cluster?: ClusterOptions;
  readonly works: readonly Work[];
}

/** What a training ends with. */
export interface Outcome {
  readonly digest: string;
  /** Whether all weights are finite numbers. */
  readonly finite: boolean;
  /** The first step, and the last. */
  readonly steps: readonly [number, number];
  readonly labelled: number;
  readonly evaluations: readonly unknown[];
  readonly checkpoints: readonly number[];
  readonly error?: { readonly code: string; readonly message: string };
}

const { cluster, works }: Request = JSON.parse(process.argv[2]!);
await startRuntime({ require: 'tensorflow', threads: 1 });
for (const work of works) {
  const outcome = await outcomeOf(work);
  await new Promise<void>((done) => process.stdout.write(`${JSON.stringify(outcome)}\n`, () => done()));
}
process.exit(0);

/** Nothing else of this process runs meanwhile. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Batches of 8 are half a round each. */
function game(): AnyTask {
  return defineTask({
    name: 'catch',
    stem: control.observationStem({ shape: new Catch().observationShape }),
    head: control.actorCritic({ actions: new Catch().actions }),
    source: control.rollouts({
      environment: () => new Catch(),
      task: 'catch',
      environments: 4,
      steps: 4,
      epochs: 2,
      episodes: { validation: 5, test: 5 },
      seed: 2,
    }),
  });
}

/** Three batches of examples to measure, of which the last is not full. */
function manyTask(): AnyTask {
  const source = numbersSource((x, i) => (i % 3 === 0 ? undefined : x[0]!));
  return {
    ...numbersTask('many'),
    source: {
      counts: { ...source.counts, validation: 300 },
      read: (split, indices, context) =>
        source.read(
          split,
          indices.map((i) => i % source.counts[split]),
          context,
        ),
    },
  };
}

async function outcomeOf(work: Work): Promise<Outcome> {
  const {
    batch,
    resumes,
    stopsAt,
    abortsAt,
    killedAt,
    haltedAt,
    sleeps = 0,
    sleepsAt,
    broken,
    plays,
    measures,
    ...options
  } = work;
  const tasks: AnyTask[] = [
    numbersTask('a', (x) => (broken ? 1e30 : x[0]!)),
    numbersTask('b', (x, i) => (i % 3 === 0 ? undefined : x[1]! - x[2]!), { weight: 0.5 }),
    ...(plays ? [game()] : []),
    ...(measures ? [manyTask()] : []),
  ];
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1, dropout: 0.1 }), tasks, seed: 3 });
  const interrupt = new AbortController();
  const all: TrainOptions = {
    seed: 4,
    optimizer: adamW({ learningRate: 0.01 }),
    signal: interrupt.signal,
    ...options,
    batch,
    ...(stopsAt === undefined ? {} : { stop: (event) => event.kind === 'step' && event.step === stopsAt }),
    ...(cluster === undefined ? {} : { cluster }),
  };
  let [first, last, labelled] = [0, 0, 0];
  const [evaluations, checkpoints]: [unknown[], number[]] = [[], []];
  const training = resumes ? resume(network, options.checkpoint!.folder, all) : train(network, all);
  const error = await new Promise<BanyanError | undefined>((done) => {
    training
      .pipe(
        tap((event) => {
          if (event.kind === 'start') first = event.step;
          if (event.kind === 'evaluation') evaluations.push(event.metrics);
          if (event.kind === 'checkpoint') checkpoints.push(event.step);
          if (event.kind !== 'step') return;
          last = event.step;
          labelled = event.labelled.b!;
          if (event.step === killedAt) process.kill(process.pid, 'SIGKILL');
          if (event.step === haltedAt) process.kill(process.pid, 'SIGSTOP');
          if (sleeps > 0 && event.step === (sleepsAt ?? event.step)) sleep(sleeps);
          if (event.step === abortsAt) interrupt.abort();
        }),
      )
      .subscribe({ complete: () => done(undefined), error: done });
  });
  const hash = createHash('sha256');
  let finite = true;
  for (const { tensor } of internals(network).body.store.all()) {
    const values = [...tensor.dataSync()];
    hash.update(JSON.stringify(values));
    finite &&= values.every(Number.isFinite);
  }
  network.dispose();
  return {
    digest: hash.digest('hex'),
    finite,
    steps: [first, last],
    labelled,
    evaluations,
    checkpoints,
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}
