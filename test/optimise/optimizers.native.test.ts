import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adam, adamW, type Optimizer, sgd } from '../../src/optimise/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement, golden } from '../golden.ts';

type Nested = number | Nested[];
interface Hyper {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weight_decay: number;
  readonly nesterov: boolean;
  readonly betas: readonly [number, number];
  readonly eps: number;
}
interface Case {
  readonly id: string;
  readonly optimizer: 'SGD' | 'Adam' | 'AdamW';
  readonly hyper: Hyper;
  readonly steps: readonly { params: Record<string, Nested>; grads?: Record<string, Nested> }[];
}

function build({ optimizer, hyper }: Case): Optimizer {
  const { lr: learningRate, weight_decay: weightDecay } = hyper;
  if (optimizer === 'SGD') {
    const { momentum, nesterov, dampening } = hyper;
    return sgd({ learningRate, momentum, nesterov, dampening, weightDecay });
  }
  const options = { learningRate, beta1: hyper.betas[0], beta2: hyper.betas[1], epsilon: hyper.eps, weightDecay };
  return optimizer === 'Adam' ? adam(options) : adamW(options);
}

/** A variable keeps a reference of its own to its first value. */
const variableOf = (value: () => tf.Tensor) => tf.tidy(() => tf.variable(value()));

function slotsOf(optimizer: Optimizer, variable: tf.Variable): Record<string, tf.Variable> {
  return Object.fromEntries(optimizer.slots.map((slot) => [slot, variableOf(() => tf.zeros(variable.shape))]));
}

function step(optimizer: Optimizer, number: number, apply: (update: ReturnType<Optimizer['prepare']>) => void): void {
  tf.tidy(() => {
    const inputs = { learningRate: tf.scalar(optimizer.learningRate), step: tf.scalar(number) };
    apply(optimizer.prepare(inputs));
  });
}

describe('optimisers', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(golden<{ cases: Case[] }>('optimizers').cases)('$id: the trajectory of PyTorch', (example) => {
    const optimizer = build(example);
    for (const name of Object.keys(example.steps[0]!.params)) {
      const variable = variableOf(() => tf.tensor(example.steps[0]!.params[name] as number[]));
      const slots = slotsOf(optimizer, variable);
      for (const [i, { grads }] of example.steps.entries()) {
        expect(disagreement(variable.dataSync(), example.steps[i]!.params[name], 1e-4, 1e-6), `step ${i}`).toBeLessThan(
          1,
        );
        if (grads === undefined) break;
        step(optimizer, i + 1, (update) => update(variable, tf.tensor(grads[name] as number[]), slots, true));
      }
      tf.dispose([variable, ...Object.values(slots)]);
    }
  });

  it.each([adam({ weightDecay: 0.1 }), adamW(), sgd({ learningRate: 0.1, weightDecay: 0.1 })])(
    '$kind leaves alone what is not to decay, and leaves no tensor',
    (optimizer) => {
      const variable = variableOf(() => tf.tensor1d([1, -2]));
      const slots = slotsOf(optimizer, variable);
      const before = tf.memory().numTensors;
      step(optimizer, 1, (update) => update(variable, tf.zeros([2]), slots, false));
      expect([...variable.dataSync()]).toEqual([1, -2]);
      step(optimizer, 2, (update) => update(variable, tf.zeros([2]), slots, true));
      expect(Math.abs(variable.dataSync()[0]!)).toBeLessThan(1);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([variable, ...Object.values(slots)]);
    },
  );

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
  });
});
