// node --conditions=source --import tsx test/long/overfitting.ts [--steps 200] [--seeds 5] [--examples 500]
// What do the remedies against overfitting bring on a task with few examples? A part of Fashion-MNIST is learned by a small network as it
// stands, and with each remedy by itself. It prints one line a training, and then each variant's mean with its 95 % interval, and its
// difference to the network without a remedy, paired by seed.
import { parseArgs } from 'node:util';
import { portion } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { clothing, digits } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';
import { type Interval, meanInterval } from '../../src/analysis/index.ts';
import {
  type AnyTask,
  adamW,
  createNetwork,
  defineTask,
  evaluate,
  type Source,
  startRuntime,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    seeds: { type: 'string', default: '5' },
    examples: { type: 'string', default: '500' },
  },
});
const [steps, seeds, examples] = [values.steps, values.seeds, values.examples].map(Number) as [number, number, number];
const MEASURED = 1000;

type Remedy = {
  readonly augment?: readonly vision.ImageAugmentation[];
  readonly trunk?: { readonly width?: number; readonly depth?: number; readonly dropout?: number };
  readonly training?: Partial<TrainOptions>;
  /** Digits are learned beside it, with all their examples. */
  readonly joint?: true;
};
const REMEDIES: Readonly<Record<string, Remedy>> = {
  none: {},
  'augmentation (flip, shift)': { augment: [vision.horizontalFlip(), vision.shift({ share: 0.08 })] },
  'dropout 0.2': { trunk: { dropout: 0.2 } },
  'best weights by validation': { training: { best: {}, evaluateEvery: 20, evaluateExamples: 300 } },
  'joint with digits': { joint: true },
  'a smaller trunk (width 16, 1 block)': { trunk: { width: 16, depth: 1 } },
  'augmentation and dropout': {
    augment: [vision.horizontalFlip(), vision.shift({ share: 0.08 })],
    trunk: { dropout: 0.2 },
  },
};

/** The task on a part of its examples, without the augmentation that it has of its own. */
function cut(augment: Remedy['augment'] = [], seed: number): AnyTask {
  const source = clothing.source as Source<vision.Image, number>;
  return defineTask({
    name: 'clothing',
    stem: vision.convStem({
      height: 28,
      width: 28,
      channels: 1,
      filters: [16, 32],
      mean: 0.286,
      deviation: 0.353,
      augment,
    }),
    head: vision.classifier({ classes: 10 }),
    source: portion(source, examples / source.counts.training, seed),
  });
}

async function outcomeOf({ augment, trunk, training, joint }: Remedy, seed: number) {
  const task = cut(augment, seed);
  const network = await createNetwork({
    trunk: transformerTrunk({ width: 32, depth: 2, heads: 2, ...trunk }),
    tasks: joint ? [task, digits as AnyTask] : [task],
    seed,
  });
  await lastValueFrom(
    train(network, { steps, batch: 32, seed, optimizer: adamW({ learningRate: 2e-3 }), ...training } as TrainOptions),
  );
  const measure = (split: 'training' | 'test', many: number) =>
    evaluate(network, { tasks: ['clothing'], split, examples: many }).then(({ clothing: metrics }) => metrics!);
  const [seen, held] = [await measure('training', examples), await measure('test', MEASURED)];
  network.dispose();
  return {
    accuracy: held.accuracy!,
    loss: held.loss!,
    'training accuracy': seen.accuracy!,
    gap: held.loss! - seen.loss!,
  };
}

await startRuntime();
for (const { source } of [clothing, digits]) await source.open?.();
const outcomes = new Map<string, Record<string, number>[]>();
for (let seed = 0; seed < seeds; seed++) {
  for (const [name, remedy] of Object.entries(REMEDIES)) {
    const outcome = await outcomeOf(remedy, seed);
    outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    console.log(JSON.stringify({ remedy: name, seed, ...outcome }));
  }
}
const text = ({ mean, halfWidth = Number.NaN }: Interval) => `${mean.toFixed(4)} ± ${halfWidth.toFixed(4)}`;
const reference = outcomes.get('none')!;
for (const [name, all] of outcomes) {
  for (const figure of Object.keys(all[0]!)) {
    const mine = all.map((outcome) => outcome[figure]!);
    const difference = meanInterval(mine.map((value, i) => value - reference[i]![figure]!));
    console.log(`${name} · ${figure}: ${text(meanInterval(mine))}, against none ${text(difference)}`);
  }
}
