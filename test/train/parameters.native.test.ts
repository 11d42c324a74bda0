// Weights that are frozen, always or in some steps, and weights with a learning rate of their own.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  adamW,
  createNetwork,
  denseTrunk,
  type Network,
  type ParameterRule,
  resume,
  sgd,
  type TrainingEvent,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { type AnyNetwork, internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import type { Sampler } from '../../src/sample/index.ts';
import { trainingState } from '../../src/train/state/training-state.ts';
import { temporaryFolder } from '../repository.ts';
import { apart, plain, together } from './tasks.ts';

const { compiled } = await startRuntime();
const modes = compiled ? (['eager', 'graph'] as const) : (['eager'] as const);
const place = temporaryFolder();
const trunk = denseTrunk({ width: 8, depth: 2, dropout: 0.2 });
const build = (tasks: readonly AnyTask[]): Promise<Network> => createNetwork({ trunk, tasks: [...tasks], seed: 4 });

type Numbers = Readonly<Record<string, readonly number[]>>;

/** The weights and the optimiser's slots, by name. */
function numbersOf(network: AnyNetwork): Numbers {
  const { body } = internals(network);
  const weights = body.store.all().map(({ name, tensor }) => [name, [...tensor.dataSync()]] as const);
  const slots = [...trainingState(body, undefined).slots].flatMap(([name, variables]) =>
    Object.entries(variables).map(([slot, variable]) => [`${name}#${slot}`, [...variable.dataSync()]] as const),
  );
  return Object.fromEntries([...weights, ...slots]);
}

const optimizer = () => adamW({ learningRate: 0.01, weightDecay: 0.5 });
const eventsOf = (network: AnyNetwork, options: Partial<TrainOptions>): Promise<TrainingEvent[]> =>
  lastValueFrom(train(network, { steps: 6, ...plain, ...options }).pipe(toArray()));

/** What a training changes, by name; slots of weights that had none before are not among them. */
async function changedBy(network: AnyNetwork, options: Partial<TrainOptions>): Promise<(name: string) => boolean> {
  const before = numbersOf(network);
  await eventsOf(network, options);
  const after = numbersOf(network);
  return (name) => {
    expect(before, name).toHaveProperty([name]);
    return String(before[name]) !== String(after[name]);
  };
}

const STATISTICS = 'stem/left/conv-0/norm/running-mean';
const KERNEL = 'stem/left/conv-0/kernel';
const BLOCKS = ['column-0/block-0/dense/kernel', 'column-0/block-1/dense/kernel'] as const;

describe.each(modes)('what is frozen, %s', (compile) => {
  it('is not trained, does not decay, and keeps its statistics and its optimiser state', async () => {
    const network = await build(together());
    await eventsOf(network, { steps: 2, compile, optimizer: optimizer() });
    const parameters = [
      { match: 'stem/*', frozen: true },
      { match: 'trunk/block-0/*', frozen: true },
    ];
    const changed = await changedBy(network, { compile, parameters });
    const still = [
      KERNEL,
      STATISTICS,
      'stem/left/conv-0/norm/gain',
      `${KERNEL}#mean`,
      BLOCKS[0],
      `${BLOCKS[0]}#square`,
    ];
    expect(still.filter(changed)).toEqual([]);
    const moving = [BLOCKS[1], `${BLOCKS[1]}#mean`, 'head/left/kernel'];
    expect(
      moving.map((name) => name.replace(/^head\/left\/.*/, firstOf(network, 'head/left'))).filter(changed),
    ).toHaveLength(3);
    network.dispose();
  });

  it('in part goes on in training mode', async () => {
    const network = await build(together());
    const changed = await changedBy(network, { compile, parameters: [{ match: KERNEL, frozen: true }] });
    expect([KERNEL, STATISTICS, 'stem/left/conv-0/norm/gain'].map(changed)).toEqual([false, true, true]);
    network.dispose();
  });

  it.each([
    ['until a step', { until: 3 }, { steps: 3, frozen: true }, { steps: 3 }],
    ['from a step on', { from: 4 }, { steps: 3 }, { steps: 3, frozen: true }],
  ] as const)('%s is as in two trainings, one after the other', async (_, frozen, first, second) => {
    // Without draws, which follow from the number of the step, and with bias corrections, which follow from a weight's updates.
    const without = denseTrunk({ width: 8, depth: 2 });
    const match = 'trunk/block-0/*';
    const [one, two] = [1, 2].map(() => createNetwork({ trunk: without, tasks: together(), seed: 4 }));
    const [network, other] = [await one!, await two!];
    await eventsOf(network, { compile, optimizer: adam({ learningRate: 0.01 }), parameters: [{ match, frozen }] });
    for (const [i, part] of [first, second].entries()) {
      const parameters = 'frozen' in part ? { parameters: [{ match, frozen: true }] } : {};
      const begin = i === 0 ? { optimizer: adam({ learningRate: 0.01 }) } : {};
      await eventsOf(other, { steps: part.steps, compile, ...begin, ...parameters });
    }
    expect(numbersOf(network)).toEqual(numbersOf(other));
    network.dispose();
    other.dispose();
  });

  it.each([2, 3, 4])(
    'goes on to the same bits from a checkpoint of step %i, where it changes after step 3',
    async (step) => {
      const parameters: ParameterRule[] = [
        { match: 'stem/*', frozen: { until: 3 } },
        { match: 'trunk/block-1/*', frozen: { from: 4 }, learningRate: 0.5 },
      ];
      const network = await build(together());
      await eventsOf(network, { compile, optimizer: optimizer(), parameters });
      const folder = join(mkdtempSync(join(place, 'run-')), 'checkpoints');
      const interrupted = await build(together());
      const checkpoint = { folder, minutes: Number.POSITIVE_INFINITY };
      await eventsOf(interrupted, {
        compile,
        optimizer: optimizer(),
        parameters,
        checkpoint,
        stop: (event) => event.kind === 'step' && event.step === step,
      });
      const again = await build(together());
      const options = { steps: 6, ...plain, compile, optimizer: optimizer(), checkpoint };
      await lastValueFrom(resume(again, folder, { ...options, parameters }));
      expect(numbersOf(again)).toEqual(numbersOf(network));
      const other = await build(together());
      await expect(lastValueFrom(resume(other, folder, options))).rejects.toThrow('was trained with parameters = ');
      for (const one of [network, interrupted, again, other]) one.dispose();
    },
  );

  it('takes part in no balancing, and nothing is left of it on the device', async () => {
    for (const balance of ['pcgrad', 'mgda', 'famo']) {
      const network = await build(together());
      const parameters = [{ match: 'trunk/block-0/*', frozen: { until: 2 } }];
      const events = await eventsOf(network, { steps: 2, compile, balance, parameters, compareGradientsEvery: 1 });
      const reports = events.flatMap((event) => (event.kind === 'step' ? (event.gradients ?? []) : []));
      expect(reports).toHaveLength(2);
      expect(JSON.stringify(reports)).not.toContain('null');
      const after = numbersOf(network);
      const before = await build(together());
      expect(after[BLOCKS[0]]).toEqual(numbersOf(before)[BLOCKS[0]]);
      expect(after[BLOCKS[1]]).not.toEqual(numbersOf(before)[BLOCKS[1]]);
      network.dispose();
      before.dispose();
    }
  });
});

/** The name of the first weight below a scope. */
const firstOf = (network: AnyNetwork, scope: string) => internals(network).body.store.of(scope)[0]!.name;

it('a rate of its own is a factor of the step that a weight makes', async () => {
  const parameters = [
    { match: 'trunk/block-1/*', learningRate: 0.25 },
    { match: 'stem/b/*', learningRate: 3 },
  ];
  const [network, plainly] = [await build(apart()), await build(apart())];
  const before = numbersOf(network);
  for (const [one, more] of [
    [network, { parameters }],
    [plainly, {}],
  ] as const)
    await eventsOf(one, { steps: 1, compile: 'eager', optimizer: sgd({ learningRate: 0.01 }), ...more });
  const [after, expected] = [numbersOf(network), numbersOf(plainly)];
  const factorOf = (name: string) => (name.startsWith('column-0/block-1') ? 0.25 : name.startsWith('stem/b/') ? 3 : 1);
  for (const [name, numbers] of Object.entries(before))
    for (const [i, number] of numbers.entries())
      expect(after[name]![i]! - number, name).toBeCloseTo(factorOf(name) * (expected[name]![i]! - number), 6);
  network.dispose();
  plainly.dispose();
});

it('is frozen in the steps of some of the tasks too', async () => {
  const turns: Sampler = {
    kind: 'turns',
    config: { kind: 'turns' },
    begin: () => ({ sets: 3, draw: ({ step }) => [(step - 1) % 3] }),
  };
  const network = await build(apart());
  const parameters = [{ match: 'trunk/*', frozen: { until: 3 } }];
  const first = await changedBy(network, { steps: 3, sampler: turns, optimizer: optimizer(), parameters });
  expect([...BLOCKS, 'stem/a/kernel', 'stem/c/kernel'].map(first)).toEqual([false, false, true, true]);
  const later = await changedBy(network, { steps: 4, sampler: turns, parameters });
  expect(BLOCKS.map(later)).toEqual([true, true]);
  network.dispose();
});

it.each<[string, readonly unknown[], string, Partial<TrainOptions>?]>([
  [
    'a pattern that matches nothing',
    [{ match: 'stem/left/conv-0/kernl', frozen: true }],
    'train: parameters: "stem/left/conv-0/kernl" matches no weight that is trained, expected one or more of those below column-0/block-0/*, column-0/block-1/*, stem/left/*, head/left/*, head/right/*. Did you mean "stem/left/conv-0/kernel"?',
  ],
  ['a part of another name', [{ match: 'trunck/*', frozen: true }], 'Did you mean "trunk/*"?'],
  [
    'statistics, which are not trained',
    [{ match: STATISTICS, frozen: true }],
    '"stem/left/conv-0/norm/running-mean" matches no weight that is trained',
  ],
  [
    'a rule that comes too late',
    [
      { match: 'stem/*', learningRate: 0.1 },
      { match: 'stem/left/*', frozen: true },
    ],
    'train: parameters: "stem/left/*" matches only weights that earlier rules match, expected others. Put it before them, or remove it.',
  ],
  [
    'a task that trains nothing',
    [
      { match: 'stem/*', frozen: true },
      { match: 'trunk/*', frozen: { from: 3 } },
      { match: 'head/left/*', frozen: true },
    ],
    'train: parameters: task "left" trains nothing from step 3 on, expected some of its weights. Match less, or leave the task out.',
  ],
  [
    'nothing to balance',
    [{ match: 'trunk/*', frozen: { until: 2 } }],
    'train: parameters: nothing of the trunk is trained from step 1 on, and the method that balances looks at its gradients, expected some of it. Match less, or choose a method that looks at losses.',
    { balance: 'pcgrad' },
  ],
  [
    'two times',
    [{ match: 'stem/*', frozen: { until: 2, from: 4 } }],
    'frozen must be a section with either until or from',
  ],
  [
    'a rate of 0',
    [{ match: 'stem/*', learningRate: 0 }],
    'train: parameters[0]: learningRate must be a number > 0, received 0.',
  ],
  [
    'a rate of what is frozen',
    [{ match: 'stem/*', learningRate: 0.1, frozen: true }],
    'learningRate must be left out where frozen is true',
  ],
  [
    'an unknown key',
    [{ match: 'stem/*', freeze: true }],
    'freeze is no option of parameters. Expected one of: match, learningRate, frozen.',
  ],
])('refuses %s', async (_, parameters, message, more = {}) => {
  const network = await build(together());
  const training = eventsOf(network, { parameters: parameters as readonly ParameterRule[], ...more });
  await expect(training).rejects.toThrow(message);
  network.dispose();
});

it.each([
  ['all but the heads', ['trunk/*', 'stem/*'], /^head/],
  ['all heads', ['head/*'], /^(stem|column)/],
])('frozen under a method on activations: %s', async (_, matches, free) => {
  for (const compile of modes) {
    const network = await build(together());
    const parameters = matches.map((match) => ({ match, frozen: true as const }));
    const changed = await changedBy(network, {
      steps: 2,
      compile,
      parameters,
      balance: { method: 'pcgrad', on: 'activations' },
    });
    const weights = internals(network)
      .body.store.all()
      .filter(({ trainable }) => trainable)
      .map(({ name }) => name);
    expect(weights.filter(changed)).toEqual(weights.filter((name) => free.test(name)));
    network.dispose();
  }
});
