// node --conditions=source --import tsx test/long/practices.ts QUESTION [--seconds 40] [--steps 600] [--seeds 3] [--patience 3] [--variants A,B]
// Do ways of training help the joint network on real input (clothing 54,000 examples, instruments 549, intents 9,003)? QUESTION is
// `samplers` (equal seconds of the processor), `stopping`, `averages` or `optimisers` (equal steps). It prints one line a training, and then
// each variant's mean with its 95 % interval, and its difference to the first variant, paired by seed.
import { parseArgs } from 'node:util';
import { clothing, instruments, intents } from 'banyan-ml/tasks';
import { lastValueFrom, tap } from 'rxjs';
import { type Interval, meanInterval } from '../../src/analysis/index.ts';
import {
  type AnyTask,
  adamW,
  constantSchedule,
  cosineSchedule,
  createNetwork,
  evaluate,
  exponentialAverage,
  muon,
  scheduleFreeAdamW,
  startRuntime,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { bandit, byLoss, proportional, roundRobin, temperature, validation } from '../../src/sample/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '40' },
    steps: { type: 'string', default: '600' },
    seeds: { type: 'string', default: '3' },
    patience: { type: 'string', default: '3' },
    variants: { type: 'string' },
  },
});
const [seconds, steps, seeds] = [values.seconds, values.steps, values.seeds].map(Number) as [number, number, number];
const tasks = [clothing, instruments, intents] as AnyTask[];
const batch = { clothing: 32, instruments: 16, intents: 32 };
const optimizer = adamW({ learningRate: 1.5e-3 });
const warm = constantSchedule({ warmup: 50 });
const falling = cosineSchedule({ warmup: 50 });
const patience = Number(values.patience);
const often = { evaluateEvery: Math.ceil(steps / 12), evaluateExamples: 500 };
const some = { evaluateEvery: 100, evaluateExamples: 100 };

/** The variants of each question; all others are held against the first. */
const QUESTIONS: Readonly<Record<string, Readonly<Record<string, Partial<TrainOptions>>>>> = {
  samplers: {
    all: { schedule: warm },
    proportional: { schedule: warm, sampler: proportional() },
    'temperature 2': { schedule: warm, sampler: temperature({ temperature: 2 }) },
    'temperature 5': { schedule: warm, sampler: temperature({ temperature: 5 }) },
    'round robin': { schedule: warm, sampler: roundRobin() },
    'by loss': { schedule: warm, sampler: byLoss() },
    validation: { schedule: warm, sampler: validation(), ...some },
    bandit: { schedule: warm, sampler: bandit({ gain: 'loss' }) },
  },
  stopping: {
    none: { schedule: falling, ...often },
    'best weights': { schedule: falling, ...often, best: {} },
    'per task': { schedule: falling, ...often, stop: { perTask: { patience } } },
  },
  averages: {
    none: { schedule: warm },
    'exponential 0.99': { schedule: warm, average: exponentialAverage({ decay: 0.99 }) },
    'none, falling rate': { schedule: falling },
    'exponential 0.99, falling rate': { schedule: falling, average: exponentialAverage({ decay: 0.99 }) },
  },
  optimisers: {
    adamw: { schedule: falling },
    muon: { schedule: falling, optimizer: muon({ learningRate: 0.02 }) },
    'schedule-free': { schedule: warm, optimizer: scheduleFreeAdamW({ learningRate: 5e-3 }) },
  },
};

const [question = ''] = positionals;
const all = QUESTIONS[question];
if (all === undefined) {
  throw new Error(`Expected one of ${Object.keys(QUESTIONS).join(', ')}, received "${question}".`);
}
const wanted = values.variants?.split(',') ?? Object.keys(all);
const variants = Object.fromEntries(wanted.map((name) => [name, all[name]!]));

const sum = (losses: readonly (number | undefined)[]) => losses.reduce<number>((total, loss = 0) => total + loss, 0);

/** Seconds that all threads of this process have worked. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

interface Outcome {
  readonly seed: number;
  /** The first metric of each task on the test split, and other figures. */
  readonly figures: Readonly<Record<string, number>>;
}

async function outcomeOf(options: Partial<TrainOptions>, seed: number): Promise<Outcome> {
  const network = await createNetwork({
    trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
    tasks,
    seed,
  });
  const timed = question === 'samplers';
  // The first step, which makes a graph, does not count; graphs of other tasks, which a sampler draws later, do.
  let begin = processorSeconds();
  let half = 0;
  let count = 0;
  let loss = 0;
  /** Of each task, the last step that it took part in. */
  const last = new Map<string, number>();
  const events = train(network, {
    steps: timed ? 1_000_000 : steps,
    batch,
    seed,
    optimizer,
    ...options,
    ...(timed ? { stop: () => processorSeconds() - begin > seconds } : {}),
  } as TrainOptions);
  await lastValueFrom(
    events.pipe(
      tap((event) => {
        if (event.kind !== 'step') return;
        if (event.step === 1) begin = processorSeconds();
        count = event.step;
        for (const task of Object.keys(event.losses)) last.set(task, event.step);
        if (event.step <= steps / 2) half = processorSeconds() - begin;
        if (event.step > steps * 0.9) loss += sum(Object.values(event.losses)) / (steps * 0.1);
      }),
    ),
  );
  const spent = processorSeconds() - begin;
  const metrics = await evaluate(network);
  const validated =
    question === 'stopping' ? await evaluate(network, { split: 'validation', examples: often.evaluateExamples }) : {};
  network.dispose();
  const firstOf = (found: typeof metrics, what: string) =>
    Object.entries(found).map(([task, figures]) => [`${task}${what}`, Object.values(figures)[0]!] as const);
  return {
    seed,
    figures: {
      ...Object.fromEntries(firstOf(metrics, '')),
      ...Object.fromEntries(firstOf(validated, ', validation')),
      ...(question === 'stopping'
        ? Object.fromEntries([...last].map(([task, step]) => [`${task}, last step`, step]))
        : {}),
      steps: count,
      seconds: spent,
      ...(timed ? {} : { firstHalf: half, loss }),
    },
  };
}

await startRuntime();
for (const { source } of tasks) await source.open?.();
const outcomes = new Map<string, Outcome[]>();
for (let seed = 0; seed < seeds; seed++) {
  for (const [name, options] of Object.entries(variants)) {
    const outcome = await outcomeOf(options, seed);
    outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    console.log(JSON.stringify({ variant: name, ...outcome }));
  }
}
const [reference] = [...outcomes.values()];
const text = ({ mean, halfWidth }: Interval) =>
  halfWidth === undefined ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${halfWidth.toFixed(4)}`;
for (const [name, all] of outcomes) {
  for (const figure of Object.keys(all[0]!.figures)) {
    const [mine, theirs] = [all, reference!].map((list) => list.map(({ figures }) => figures[figure]!));
    const difference = meanInterval(mine!.map((value, i) => value - theirs![i]!));
    console.log(`${name} · ${figure}: ${text(meanInterval(mine!))}, against the first ${text(difference)}`);
  }
}
