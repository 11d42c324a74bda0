import * as tf from '@tensorflow/tfjs';
import { actorCritic, type Episode, type Experience, observationStem, qValues } from 'banyan-ml/heads/control';
import { runEnvironmentContract, runHeadContract, runStemContract } from 'banyan-ml/testing';
import { describe, expect, it } from 'vitest';
import type { HeadContext } from '../../../src/index.ts';
import { Catch } from '../../../tasks/catch/game.ts';
import { SpaceInvaders } from '../../../tasks/space-invaders/index.ts';

const actions = ['a', 'b', 'c'] as const;
const lessons: readonly Experience[] = [
  { action: 2, logProbability: -1.4, advantage: 1.5, value: 1 },
  { action: 0, logProbability: -0.2, advantage: -0.7, value: -0.5 },
  { action: 1, logProbability: -1.1, advantage: 0.4, value: 2.5 },
  { action: 2, logProbability: -0.9, advantage: -2, value: 0.25 },
];

/** A context whose variables are 0. */
function contextOf(task: string) {
  const made: tf.Variable[] = [];
  const variable = (_: string, shape: number[]) => {
    const zeros = tf.zeros(shape);
    made.push(tf.variable(zeros));
    zeros.dispose();
    return made.at(-1)!;
  };
  const settings = (values: object) => values;
  return { context: { width: 2, task, variable, settings } as unknown as HeadContext, dispose: () => tf.dispose(made) };
}

describe('actorCritic', () => {
  it('keeps the contract of heads', async () => {
    await runHeadContract(actorCritic({ actions }), { targets: [...lessons, { return: 2, length: 5, entropy: 0.5 }] });
    await runHeadContract(actorCritic({ actions, pool: 'attention' }), {
      targets: [...lessons, { return: 2, length: 5, entropy: 0.5 }],
    });
  });

  it.each([
    // By PyTorch 2.15 from the same numbers.
    ['ppo', [-1.7481927296859463, 0.622945040938733, -0.3490415927462055, 1.80922133216443]],
    ['a2c', [1.29439252517324, -0.23114813092946568, 0.49095879258056285, -2.0013475014164857]],
  ] as const)('has the loss of %s', (algorithm, expected) => {
    const { context, dispose } = contextOf('t');
    const before = tf.memory().numTensors;
    const head = actorCritic({ actions, algorithm })(context);
    const loss = tf.tidy(() => {
      const policy = tf.tensor2d([
        [0.2, -0.1, 0.5],
        [1, 0, -1],
        [0.3, 0.3, 0.3],
        [-2, 1, 0.5],
      ]);
      const output = { policy, value: tf.tensor1d([0.5, -1, 2, 0]) };
      const rows = lessons.map((lesson) => [...(head.target!.prepare!(lesson) as Float32Array)]);
      return [...head.loss(output, tf.tensor2d(rows)).dataSync()];
    });
    for (const [i, value] of expected.entries()) expect(loss[i]).toBeCloseTo(value, 5);
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an action that is none, and a single one', () => {
    const { context, dispose } = contextOf('game');
    const head = actorCritic({ actions })(context);
    expect(() => head.target!.prepare!({ ...lessons[0]!, action: 3 })).toThrow(
      'Task "game": expected an action from 0 to 2 with finite numbers, received {"action":3,',
    );
    expect(() => head.target!.prepare!({ ...lessons[0]!, advantage: Number.NaN })).toThrow('with finite numbers');
    const episode: Episode = { return: 3, length: 9, entropy: 1 };
    expect(head.target!.prepare!(episode)).toBeUndefined();
    expect(() => actorCritic({ actions: ['a'] })).toThrow('actorCritic: expected at least 2 actions, received 1.');
    dispose();
  });
});

describe('qValues', () => {
  const lessons = [
    { action: 1, value: 0.5 },
    { action: 0, value: -3 },
  ];

  it('keeps the contract of heads', async () => {
    await runHeadContract(qValues({ actions }), { targets: [...lessons, { return: 2, length: 5, entropy: 0 }] });
    await runHeadContract(qValues({ actions, pool: 'mean' }), {
      targets: [...lessons, { return: 2, length: 5, entropy: 0 }],
    });
  });

  it('loses half the square of a small error of the action taken, and of a large one its size less a half', () => {
    const { context, dispose } = contextOf('t');
    const head = qValues({ actions })(context);
    const loss = tf.tidy(() => {
      const output = tf.tensor2d([
        [9, 0.9, 9],
        [1, 9, 9],
      ]);
      const rows = lessons.map((lesson) => [...(head.target!.prepare!(lesson) as Float32Array)]);
      return [...head.loss(output, tf.tensor2d(rows)).dataSync()];
    });
    expect(loss[0]).toBeCloseTo(0.5 * 0.4 ** 2, 6);
    expect(loss[1]).toBeCloseTo(4 - 0.5, 6);
    expect(head.decode(Float32Array.of(1, 3, 3))).toMatchObject({ action: 1, name: 'b' });
    dispose();
  });
});

describe('observationStem', () => {
  it.each([
    ['numbers', { shape: [4] }],
    ['a picture', { shape: [6, 5, 2], filters: [3, 4] }],
    ['a picture, with hidden layers', { shape: [4, 4, 1], filters: [2], hidden: [5, 3] }],
  ])('keeps the contract of stems for %s', async (_, options) => {
    const size = options.shape.reduce((a, b) => a * b, 1);
    const examples = [0, 1, 2].map((k) => Float32Array.from({ length: size }, (_, i) => Math.sin(i * (k + 1))));
    await runStemContract(observationStem(options), { examples });
  });

  it('refuses filters that do not fit', () => {
    expect(() => observationStem({ shape: [4, 4, 1], filters: [2, 2] })).toThrow(
      'received [2, 2] for shape [4, 4, 1]. Leave out filters, or give the shape of a larger picture.',
    );
    expect(() => observationStem({ shape: [4], filters: [2] })).toThrow('received [2] for shape [4].');
    expect(() => observationStem({ shape: [4], hidden: [0] })).toThrow(
      'hidden must be a whole number >= 1, received 0',
    );
  });
});

describe.each([
  ['Catch', () => new Catch()],
  ['Space Invaders', () => new SpaceInvaders()],
])('%s', (_, make) => {
  it('keeps the contract of environments', async () => {
    await runEnvironmentContract(make);
  });
});
