// node --conditions=source --import tsx test/long/exchange-accuracy.ts [--steps 400] [--seeds 3] [--variants A,B] [--file runs/exchange.jsonl]
// What do gradients in bfloat16, and weights that are averaged now and then (local SGD), cost in accuracy? The joint network is trained by two
// workers of this machine, for equally many steps. A line of the file is a training: those that are there are not made again. Prints each
// variant's mean with its 95 % interval, and its difference to the first variant, paired by seed.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { type Interval, meanInterval } from '../../src/analysis/index.ts';
import { clusterOf, start } from '../cluster/workers.ts';
import type { Outcome, Request } from './exchange-accuracy-child.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '3' },
    variants: { type: 'string' },
    file: { type: 'string', default: 'runs/exchange.jsonl' },
  },
});
const [steps, seeds] = [values.steps, values.seeds].map(Number) as [number, number];

/** All others are held against the first. */
const VARIANTS: Readonly<Record<string, Request['options']>> = {
  float32: {},
  bfloat16: { exchange: 'bfloat16' },
  'every 4': { synchronizeEvery: 4 },
  'every 16': { synchronizeEvery: 16 },
  'every 64': { synchronizeEvery: 64 },
  'in the end': { synchronizeEvery: 1_000_000 },
};

/** A line of the file. */
interface Line extends Outcome {
  readonly variant: string;
  readonly steps: number;
  readonly seed: number;
}

const variants = values.variants?.split(',') ?? Object.keys(VARIANTS);
const before = existsSync(values.file) ? readFileSync(values.file, 'utf8').trim() : '';
const lines: Line[] = before === '' ? [] : before.split('\n').map((line) => JSON.parse(line));
mkdirSync(dirname(values.file), { recursive: true });

for (let seed = 0; seed < seeds; seed++) {
  for (const variant of variants) {
    if (lines.some((line) => line.variant === variant && line.steps === steps && line.seed === seed)) continue;
    const options = VARIANTS[variant]!;
    const clusters = await clusterOf(2, 200);
    const ended = await Promise.all(
      clusters.map((cluster) =>
        start('test/long/exchange-accuracy-child.ts', { cluster, steps, seed, options } satisfies Request, {
          seconds: 3000,
        }),
      ),
    );
    const failed = ended.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(failed.stderr);
    const [chief, other] = ended.map(({ stdout }) => JSON.parse(stdout) as Outcome) as [Outcome, Outcome];
    const line = { variant, steps, seed, ...chief, processor: chief.processor + other.processor };
    appendFileSync(values.file, `${JSON.stringify(line)}\n`);
    lines.push(line);
    console.log(JSON.stringify(line));
  }
}

const percent = ({ mean, halfWidth = Number.NaN }: Interval) =>
  `${(100 * mean).toFixed(1)} ± ${(100 * halfWidth).toFixed(1)}`;
const of = (variant: string) =>
  lines.filter((line) => line.variant === variant && line.steps === steps).sort((a, b) => a.seed - b.seed);
const [first] = Object.keys(VARIANTS);
for (const variant of variants) {
  for (const task of Object.keys(of(variant)[0]!.accuracy)) {
    const accuracies = of(variant).map(({ accuracy }) => accuracy[task]!);
    const reference = of(first!).map(({ accuracy }) => accuracy[task]!);
    const difference = meanInterval(accuracies.map((value, i) => value - reference[i]!));
    console.log(`${variant} · ${task}: ${percent(meanInterval(accuracies))}, against ${first} ${percent(difference)}`);
  }
  const processor = meanInterval(of(variant).map(({ processor }) => processor)).mean;
  console.log(`${variant} · seconds of the processor: ${processor.toFixed(0)}`);
}
