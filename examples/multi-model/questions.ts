// node --conditions=source --import tsx examples/multi-model/questions.ts [--seeds 3] [--unit 12] [--width 64] [--minutes 5] [--out runs/questions]
//
// What "One Model To Learn Them All" (Kaiser et al. 2017) asks in its tables 2, 3 and 4, in small: does a task gain or lose beside others, what
// does parsing gain by pictures, and what are experts and attention good for? Each task has as many steps in every training that it is in. A
// training that is done is a file in --out and is not done again; --minutes ends before a training that would begin later. Prints the tables.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type AnyTask,
  adamW,
  cosineSchedule,
  createNetwork,
  evaluate,
  type Metrics,
  type MultiModelTrunkOptions,
  multiModelTrunk,
  startRuntime,
  train,
} from 'banyan-ml';
import { type Interval, meanInterval } from 'banyan-ml/analysis';
import type { Sampler } from 'banyan-ml/sample';
import { captions, connectedDigits, parsing, photographs, requests, spokenWords, translation } from 'banyan-ml/tasks';
import { lastValueFrom, tap } from 'rxjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    unit: { type: 'string', default: '12' },
    width: { type: 'string', default: '64' },
    minutes: { type: 'string', default: 'Infinity' },
    out: { type: 'string', default: 'runs/questions' },
  },
});
const [seeds, unit, width, minutes] = [values.seeds, values.unit, values.width, values.minutes].map(Number) as [
  number,
  number,
  number,
  number,
];

/** A task in the trainings: how often it is drawn, how many examples a step has, and what it is judged by beside its loss. */
interface Part {
  readonly task: AnyTask;
  readonly share: number;
  readonly batch: number;
  readonly figure: string;
}

const part = (task: unknown, share: number, batch: number, figure: string): Part => ({
  task: task as AnyTask,
  share,
  batch,
  figure,
});

/** By the size of their training sets, the largest first. */
const parts = [
  part(translation, 6, 32, 'bleu'),
  part(captions, 6, 16, 'exact-match'),
  part(connectedDigits, 4, 12, 'error-rate'),
  part(requests, 3, 32, 'accuracy'),
  part(parsing, 6, 16, 'bracket-f1'),
  part(photographs, 4, 32, 'accuracy'),
  part(spokenWords, 3, 12, 'error-rate'),
];
const nameOf = ({ task }: Part) => task.name;

type Blocks = Partial<MultiModelTrunkOptions>;
const full: Blocks = { experts: 8, k: 2 };

/** A training: of some tasks, with some blocks. */
interface Variant {
  readonly name: string;
  readonly tasks: readonly string[];
  readonly blocks: Blocks;
}
const everything = parts.map(nameOf);
const together: readonly Variant[] = [
  { name: 'joint', tasks: everything, blocks: full },
  ...everything.map((task) => ({ name: `${task} alone`, tasks: [task], blocks: full })),
  { name: 'parsing with pictures', tasks: ['parsing', 'photographs'], blocks: full },
];
const fewerBlocks: readonly Variant[] = [
  { name: 'without experts', tasks: everything, blocks: {} },
  { name: 'without attention', tasks: everything, blocks: { ...full, attention: false } },
];

/** Takes one task a step, each as often as it is said, evenly over the training. */
function evenly(steps: Readonly<Record<string, number>>): Sampler {
  return {
    kind: 'evenly',
    config: { kind: 'evenly', steps },
    begin: ({ tasks }) => {
      const order = tasks
        .flatMap(({ name }, place) => Array.from({ length: steps[name]! }, (_, i) => [(i + 0.5) / steps[name]!, place]))
        .sort(([a], [b]) => a! - b!)
        .map(([, place]) => place!);
      return { sets: tasks.length, draw: ({ step }) => [order[(step - 1) % order.length]!] };
    },
  };
}

/** What a training came to. */
interface Outcome {
  readonly parameters: number;
  /** Seconds that all threads have worked for its steps, the making of graphs among them. */
  readonly seconds: number;
  readonly metrics: Metrics;
}

const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function outcomeOf({ tasks, blocks }: Variant, seed: number): Promise<Outcome> {
  const chosen = parts.filter((each) => tasks.includes(nameOf(each)));
  const trunk = multiModelTrunk({ width, encoder: 2, mixer: 1, decoder: 2, heads: 4, ...blocks });
  const network = await createNetwork({ trunk, tasks: chosen.map(({ task }) => task), seed });
  const steps = Object.fromEntries(chosen.map((each) => [nameOf(each), unit * each.share]));
  let seconds = 0;
  let last = processorSeconds();
  await lastValueFrom(
    train(network, {
      steps: Object.values(steps).reduce((a, b) => a + b),
      batch: Object.fromEntries(chosen.map((each) => [nameOf(each), each.batch])),
      sampler: evenly(steps),
      optimizer: adamW({ learningRate: 3e-3 }),
      schedule: cosineSchedule({ warmup: 5 * unit }),
      seed,
    }).pipe(
      tap(({ kind }) => {
        if (kind !== 'step') return;
        const now = processorSeconds();
        seconds += now - last;
        last = now;
      }),
    ),
  );
  const metrics = await evaluate(network, { examples: 300 });
  const { parameters } = network.summary();
  network.dispose();
  return { parameters, seconds, metrics };
}

const fileOf = ({ name }: Variant, seed: number) => join(values.out, `${name.replaceAll(' ', '-')}-seed-${seed}.json`);

await startRuntime();
mkdirSync(values.out, { recursive: true });
const begin = performance.now();
const outcomes = new Map<string, Outcome[]>([...together, ...fewerBlocks].map(({ name }) => [name, []]));
// Seed after seed, so that what is cut short holds whole repetitions.
for (const variants of [together, fewerBlocks]) {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const variant of variants) {
      const file = fileOf(variant, seed);
      if (!existsSync(file)) {
        if (performance.now() - begin > 60_000 * minutes) process.exit(0);
        const outcome = await outcomeOf(variant, seed);
        // At once or not at all.
        writeFileSync(`${file}.part`, JSON.stringify(outcome));
        renameSync(`${file}.part`, file);
        console.error(`${variant.name}, seed ${seed}: ${JSON.stringify(outcome)}`);
      }
      outcomes.get(variant.name)!.push(JSON.parse(readFileSync(file, 'utf8')));
    }
  }
}

const text = ({ mean, halfWidth }: Interval, digits: number) =>
  halfWidth === undefined ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
const of = (variant: string, figure: (outcome: Outcome) => number) => outcomes.get(variant)!.map(figure);

/** The mean of a variant with its 95 % interval, and what it differs by from another, paired by seed. */
function compared(variant: string, reference: string, figure: (outcome: Outcome) => number, digits: number) {
  const [mine, theirs] = [of(variant, figure), of(reference, figure)];
  const difference = meanInterval(mine.map((value, i) => value - theirs[i]!));
  return [text(meanInterval(mine), digits), variant === reference ? '' : text(difference, digits)];
}

const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);
const table = (heads: readonly string[]) => {
  console.log('');
  row(heads);
  row(heads.map(() => '---'));
};
const measures = (each: Part) =>
  [
    [each.figure, (outcome: Outcome) => outcome.metrics[nameOf(each)]![each.figure]!],
    ['loss', (outcome: Outcome) => outcome.metrics[nameOf(each)]!.loss!],
  ] as const;

table(['task', 'figure', 'alone', 'jointly', 'jointly - alone']);
for (const each of parts) {
  for (const [figure, get] of measures(each)) {
    const alone = text(meanInterval(of(`${nameOf(each)} alone`, get)), 3);
    row([nameOf(each), figure, alone, ...compared('joint', `${nameOf(each)} alone`, get, 3)]);
  }
}

table(['parsing', 'figure', 'reached', 'against alone']);
const parsingPart = parts.find((each) => each.task.name === 'parsing')!;
for (const [figure, get] of measures(parsingPart)) {
  for (const variant of ['parsing alone', 'parsing with pictures', 'joint']) {
    row([variant, figure, ...compared(variant, 'parsing alone', get, 3)]);
  }
}

table(['blocks', 'task', 'figure', 'reached', 'against all blocks']);
for (const variant of ['joint', 'without experts', 'without attention']) {
  for (const each of parts) {
    for (const [figure, get] of measures(each)) {
      row([variant, nameOf(each), figure, ...compared(variant, 'joint', get, 3)]);
    }
  }
}

table(['training', 'weights', 'seconds of a processor']);
for (const { name } of [...together, ...fewerBlocks]) {
  const [{ parameters } = { parameters: 0 }] = outcomes.get(name)!;
  row([name, parameters, text(meanInterval(of(name, ({ seconds }) => seconds)), 0)]);
}
