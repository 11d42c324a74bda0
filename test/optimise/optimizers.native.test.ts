import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  adafactor,
  adagrad,
  adam,
  adamW,
  lamb,
  lion,
  muon,
  type Optimizer,
  optimizerKinds,
  rmsprop,
  scheduleFreeAdamW,
  sgd,
  slotsFor,
} from '../../src/optimise/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { makeSlot } from '../../src/train/state/slots.ts';
import { disagreement, golden } from '../golden.ts';

type Nested = number | Nested[];
interface Hyper {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weight_decay: number;
  readonly nesterov: boolean;
  readonly betas: readonly [number, number];
  readonly alpha: number;
  readonly eps: number;
}
interface Step {
  readonly params: Record<string, Nested>;
  readonly grads?: Record<string, Nested>;
  /** The weights to use, where they are others. */
  readonly averaged?: Record<string, Nested>;
}
interface Case {
  readonly id: string;
  readonly optimizer: 'SGD' | 'Adam' | 'AdamW' | 'RMSprop' | 'Adagrad';
  readonly hyper: Hyper;
  readonly steps: readonly Step[];
}
interface PackageCase {
  readonly kind: string;
  readonly problem: string;
  readonly options: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
}

function build({ optimizer, hyper }: Case): Optimizer {
  const { lr: learningRate, weight_decay: weightDecay, eps: epsilon, momentum, alpha } = hyper;
  if (optimizer === 'SGD') {
    const { nesterov, dampening } = hyper;
    return sgd({ learningRate, momentum, nesterov, dampening, weightDecay });
  }
  if (optimizer === 'RMSprop') return rmsprop({ learningRate, alpha, momentum, epsilon, weightDecay });
  if (optimizer === 'Adagrad') return adagrad({ learningRate, epsilon, weightDecay });
  const options = { learningRate, beta1: hyper.betas[0], beta2: hyper.betas[1], epsilon, weightDecay };
  return optimizer === 'Adam' ? adam(options) : adamW(options);
}

/** A variable keeps a reference of its own to its first value. */
const variableOf = (value: () => tf.Tensor) => tf.tidy(() => tf.variable(value()));

function slotsOf(optimizer: Optimizer, variable: tf.Variable, name = 'column-0/block-0/kernel') {
  const facts = { name, scope: 'column-0/block-0', shape: variable.shape, decay: true };
  return Object.fromEntries(slotsFor(optimizer, facts).map((slot) => [slot.name, makeSlot(slot, variable)]));
}

function step(optimizer: Optimizer, number: number, apply: (update: ReturnType<Optimizer['prepare']>) => void): void {
  tf.tidy(() => {
    const inputs = { learningRate: tf.scalar(optimizer.learningRate), step: tf.scalar(number) };
    apply(optimizer.prepare(inputs));
  });
}

/** Follows a trajectory by its gradients; `shapeOf`: what shape the variables are given, of as many numbers. */
function follow(optimizer: Optimizer, steps: readonly Step[], shapeOf = (shape: number[]) => shape): void {
  for (const name of Object.keys(steps[0]!.params)) {
    const tensorOf = (values: Nested) => {
      const tensor = tf.tensor(values as number[]);
      return tensor.reshape(shapeOf(tensor.shape));
    };
    const variable = variableOf(() => tensorOf(steps[0]!.params[name]!));
    const slots = slotsOf(optimizer, variable);
    for (const [i, { params, grads, averaged }] of steps.entries()) {
      expect(disagreement(variable.dataSync(), params[name], 1e-4, 1e-6), `step ${i}`).toBeLessThan(1);
      if (averaged !== undefined) {
        const used = slots[optimizer.averaged!]!.dataSync();
        expect(disagreement(used, averaged[name], 1e-4, 1e-6), `average of step ${i}`).toBeLessThan(1);
      }
      if (grads === undefined) break;
      step(optimizer, i + 1, (update) => update(variable, tensorOf(grads[name]!), slots, true));
    }
    tf.dispose([variable, ...Object.values(slots)]);
  }
}

const packages = (
  JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8')) as { readonly cases: PackageCase[] }
).cases;

describe('optimisers', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(golden<{ cases: Case[] }>('optimizers').cases)('$id: the trajectory of PyTorch', (example) => {
    follow(build(example), example.steps);
  });

  it.each(packages)('$kind, $problem, $options: the trajectory of a package', ({ kind, options, steps }) => {
    follow(optimizerKinds.build({ kind, ...options }), steps);
  });

  it('muon takes the kernel of a convolution as a matrix of its inputs and outputs', () => {
    const { kind, options, steps } = packages.find(({ kind, problem }) => kind === 'muon' && problem === 'lsq')!;
    follow(optimizerKinds.build({ kind, ...options }), steps, ([inputs, outputs]) => [1, inputs!, 1, outputs!]);
  });

  it('muon leaves embeddings, heads, biases and the kernels of single channels to AdamW', () => {
    const slots = (name: string, shape: readonly number[], scope = 'stem/words') =>
      slotsFor(muon(), { name: `${scope}/${name}`, scope, shape, decay: shape.length > 1 }).map(({ name }) => name);
    expect(slots('patch/kernel', [12, 4])).toEqual(['velocity']);
    expect(slots('conv-0/kernel', [3, 3, 2, 4])).toEqual(['velocity']);
    for (const others of [
      slots('embedding', [100, 8]),
      slots('logits/kernel', [8, 3], 'head/words'),
      slots('patch/bias', [4]),
      slots('depthwise/kernel', [3, 1, 8, 1]),
    ])
      expect(others).toEqual(['mean', 'square']);
  });

  it('muon moves what is no matrix as AdamW does, to the bit', () => {
    const valuesAfter = (optimizer: Optimizer) => {
      const variable = variableOf(() => tf.tensor1d([1, -2, 0.5]));
      const slots = slotsOf(optimizer, variable, 'column-0/block-0/bias');
      for (const number of [1, 2, 3])
        step(optimizer, number, (update) => update(variable, tf.tensor1d([0.1 * number, -1, 2]), slots, true));
      const values = [...variable.dataSync()];
      tf.dispose([variable, ...Object.values(slots)]);
      return values;
    };
    const options = { learningRate: 0.01, weightDecay: 0.1 };
    expect(valuesAfter(muon(options))).toEqual(valuesAfter(adamW(options)));
  });

  it('adafactor keeps a row and a column of a matrix, and of each matrix of a kernel', () => {
    const shapes = (shape: readonly number[]) =>
      slotsFor(adafactor(), { name: 'a/kernel', scope: 'a', shape, decay: true }).map(({ shape }) => shape);
    expect(shapes([6, 4])).toEqual([
      [6, 1],
      [1, 4],
    ]);
    expect(shapes([3, 3, 6, 4])).toEqual([
      [3, 3, 6, 1],
      [3, 3, 1, 4],
    ]);
    expect(shapes([6])).toEqual([undefined]);
  });

  it('lamb moves a bias, and a kernel of zeros, by the step of Adam', () => {
    const valuesAfter = (optimizer: Optimizer, values: number[], decay: boolean) => {
      const variable = variableOf(() => tf.tensor1d(values));
      const slots = slotsOf(optimizer, variable);
      step(optimizer, 1, (update) => update(variable, tf.tensor1d([0.5, -2]), slots, decay));
      const moved = [...variable.dataSync()];
      tf.dispose([variable, ...Object.values(slots)]);
      return moved;
    };
    const options = { learningRate: 0.1, epsilon: 1e-6 };
    const [ofBias, ofZeros] = [valuesAfter(lamb(options), [3, 4], false), valuesAfter(lamb(options), [0, 0], true)];
    expect(disagreement(ofBias, valuesAfter(adam(options), [3, 4], false), 1e-6, 0)).toBeLessThan(1);
    expect(disagreement(ofZeros, valuesAfter(adam(options), [0, 0], true), 1e-6, 0)).toBeLessThan(1);
    // Of length 5, by a tenth of it.
    const ofKernel = valuesAfter(lamb({ ...options, weightDecay: 0 }), [3, 4], true);
    expect(Math.hypot(ofKernel[0]! - 3, ofKernel[1]! - 4)).toBeCloseTo(0.5, 5);
  });

  it('schedule-free AdamW averages as the squares of a rising rate say, and begins at the weights', () => {
    // Steps of 0 and 0.5 and 1 of the rate: the first weighs nothing, then c = 1, then 1 / (1 + 0.25).
    const optimizer = scheduleFreeAdamW({ learningRate: 1 });
    const variable = variableOf(() => tf.tensor1d([2]));
    const slots = slotsOf(optimizer, variable);
    const zs: number[] = [];
    for (const [i, rate] of [0, 0.5, 1].entries()) {
      tf.tidy(() => {
        const inputs = { learningRate: tf.scalar(rate), step: tf.scalar(i + 1) };
        optimizer.prepare(inputs)(variable, tf.tensor1d([1]), slots, true);
      });
      zs.push(slots.z!.dataSync()[0]!);
    }
    expect(zs[0]).toBe(2);
    const [, second, third] = zs;
    expect(slots.x!.dataSync()[0]).toBeCloseTo(second! + (third! - second!) / 1.25, 5);
    tf.dispose([variable, ...Object.values(slots)]);
  });

  it.each([
    adafactor({ weightDecay: 0.1 }),
    adagrad({ weightDecay: 0.1 }),
    adam({ weightDecay: 0.1 }),
    adamW(),
    lamb({ weightDecay: 0.1 }),
    lion({ weightDecay: 0.1 }),
    muon(),
    rmsprop({ weightDecay: 0.1, momentum: 0.9 }),
    scheduleFreeAdamW({ weightDecay: 0.1 }),
    sgd({ learningRate: 0.1, weightDecay: 0.1 }),
  ])('$kind leaves alone what is not to decay, and leaves no tensor', (optimizer) => {
    for (const shape of [[2], [2, 2]]) {
      const variable = variableOf(() => tf.tensor([1, -2, 1, -2].slice(0, 2 * shape.length), shape));
      const values = [...variable.dataSync()];
      const slots = slotsOf(optimizer, variable);
      const before = tf.memory().numTensors;
      step(optimizer, 1, (update) => update(variable, tf.zeros(shape), slots, false));
      expect([...variable.dataSync()]).toEqual(values);
      step(optimizer, 2, (update) => update(variable, tf.zeros(shape), slots, true));
      expect(Math.abs(variable.dataSync()[0]!)).toBeLessThan(1);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([variable, ...Object.values(slots)]);
    }
  });

  it('says which number is wrong', () => {
    expect(() => adamW({ beta2: 1 })).toThrow(
      'adamW: beta2 must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
    expect(() => sgd({ learningRate: Number.NaN })).toThrow(
      'sgd: learningRate must be a number >= 0, received NaN. Look for what made it NaN',
    );
    expect(() => sgd({ learningRate: 1, nesterov: true })).toThrow(
      'sgd: nesterov must be false, unless momentum is > 0 and dampening is 0, received true. Set a momentum and no dampening, or leave nesterov out.',
    );
    expect(() => scheduleFreeAdamW({ warmup: 0.5 })).toThrow(
      'scheduleFreeAdamW: warmup must be a whole number >= 0, received 0.5. Round it.',
    );
    expect(() => muon({ momentum: 1 })).toThrow(
      'muon: momentum must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
  });
});
