import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { aggregate, methods } from 'banyan-ml/balance';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  createNetwork,
  denseTrunk,
  type Network,
  resume,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { inTurn } from '../../in-turn.ts';
import { apart, gradientsOf, plain, together } from '../tasks.ts';

const trunk = denseTrunk({ width: 8, depth: 2 });
async function weightsAfter(tasks: readonly AnyTask[], options: Partial<TrainOptions>) {
  const network: Network = await createNetwork({ trunk, tasks, seed: 4 });
  try {
    const training = train(network, { steps: 6, optimizer: sgd({ learningRate: 0.05 }), ...plain, ...options });
    const events = await lastValueFrom(training.pipe(toArray()));
    const weights = new Map(
      internals(network)
        .body.store.all()
        .map(({ name, tensor }) => [name, Float32Array.from(tensor.dataSync())]),
    );
    return { weights, steps: events.filter((event): event is StepEvent => event.kind === 'step') };
  } finally {
    network.dispose();
  }
}

function expectClose(
  received: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
  tolerance = 2e-5,
): void {
  for (const [name, values] of expected) {
    const apart = values.reduce((most, value, i) => Math.max(most, Math.abs(value - received.get(name)![i]!)), 0);
    expect(apart, name).toBeLessThanOrEqual(tolerance);
  }
}

const inputs = [apart, together];

describe.each([
  ['with inputs of their own', apart],
  ['on one input', together],
] as const)('balancing tasks %s', (_, tasks) => {
  it.each(['eager', 'graph'] as const)('summing the gradients is weighting equally: %s', async (compile) => {
    const { weights: equal } = await weightsAfter(tasks(), { compile });
    const { weights: summed } = await weightsAfter(tasks(), { compile, balance: 'sum' });
    expectClose(summed, equal);
    const { weights: parts } = await weightsAfter(tasks(), { compile, balance: 'sum', accumulate: 2 });
    // Batch statistics are a part's own.
    if (tasks === apart) expectClose(parts, equal);
  });

  it.each(['pcgrad', 'mgda', 'graddrop', 'trimmed-mean'])(
    '%s: the same in a graph and operation by operation',
    async (method) => {
      if (method === 'trimmed-mean' && tasks === together) return; // Trims one of each side: too few.
      const options = { balance: method === 'trimmed-mean' ? { method, options: { trimNumber: 1 } } : method };
      const [eager, graph] = [
        await weightsAfter(tasks(), { compile: 'eager', ...options }),
        await weightsAfter(tasks(), { compile: 'graph', ...options }),
      ];
      expectClose(graph.weights, eager.weights, 1e-4);
      expect(graph.steps[0]!.balance).toBeDefined();
    },
  );

  it.each(['cagrad', 'nash-mtl', 'upgrad', 'imtl-g', 'config'])(
    '%s moves the trunk by what it makes of the gradients',
    async (method) => {
      const network: Network = await createNetwork({ trunk, tasks: tasks(), seed: 4 });
      const { rows, parts } = await gradientsOf(network);
      const combined = aggregate(method, rows);
      const before = new Map(
        internals(network)
          .body.store.all()
          .map(({ name, tensor }) => [name, tensor.dataSync().slice()]),
      );
      await lastValueFrom(train(network, { steps: 1, optimizer: sgd({ learningRate: 1 }), ...plain, balance: method }));
      const scale = Math.sqrt(combined.reduce((sum, value) => sum + value * value, 0));
      let at = 0;
      for (const { name, size } of parts) {
        const after = internals(network)
          .body.store.all()
          .find((v) => v.name === name)!
          .tensor.dataSync();
        for (let i = 0; i < size; i++)
          expect(Math.abs(before.get(name)![i]! - after[i]! - combined[at++]!), name).toBeLessThan(2e-3 * scale + 1e-5);
      }
      network.dispose();
    },
  );

  const withState = ['famo', 'gradvac', 'uncertainty', 'gradnorm', 'moco', 'sdmgrad', 'auto-lambda'];
  it.each(inTurn<string, unknown>(withState, tasks, inputs))(
    '%s goes on from a checkpoint to the same bits',
    async (balance) => {
      const place = await mkdtemp(join(tmpdir(), 'banyan-balance-'));
      const options = { steps: 8, optimizer: adam({ learningRate: 0.01 }), ...plain, balance };
      const run = async (folder: string, stopAt?: number) => {
        const network: Network = await createNetwork({ trunk, tasks: tasks(), seed: 5 });
        const checkpoint = { every: 3, folder: join(place, folder) };
        const stop = (event: { step: number }) => event.step === stopAt;
        await lastValueFrom(train(network, { ...options, checkpoint, ...(stopAt === undefined ? {} : { stop }) }));
        return network;
      };
      const whole = await run('whole');
      (await run('cut', 3)).dispose();
      const again: Network = await createNetwork({ trunk, tasks: tasks(), seed: 5 });
      const checkpoint = { every: 3, folder: join(place, 'cut') };
      await lastValueFrom(resume(again, join(place, 'cut'), { ...options, checkpoint }));
      for (const [i, { name, tensor }] of internals(again).body.store.all().entries())
        expect(tensor.dataSync(), name).toEqual(internals(whole).body.store.all()[i]!.tensor.dataSync());
      whole.dispose();
      again.dispose();
    },
  );
});

describe('a compiled step', () => {
  // Not of one that draws in the graph: XLA's draws are others.
  it.each(['pcgrad', 'famo'])('%s: the same by XLA', async (balance) => {
    const [graph, xla] = [
      await weightsAfter(apart(), { compile: 'graph', balance }),
      await weightsAfter(apart(), { compile: 'xla', balance }),
    ];
    expectClose(xla.weights, graph.weights, 1e-4);
    expect(xla.steps).toHaveLength(6);
  });

  it.each(['pcgrad', 'graddrop'])('%s: in mixed precision near the way of float32', async (balance) => {
    const [full, mixed] = [
      await weightsAfter(together(), { balance }),
      await weightsAfter(together(), { balance, precision: 'mixed' }),
    ];
    expectClose(mixed.weights, full.weights, 0.05);
    for (const [i, { losses }] of full.steps.entries())
      for (const [task, loss] of Object.entries(losses)) {
        expect(mixed.steps[i]!.losses[task]).not.toBe(loss);
        expect(mixed.steps[i]!.losses[task]! / loss!).toBeCloseTo(1, 1);
      }
  });
});

describe('loss weightings', () => {
  it('weigh in the graph as they do from outside', async () => {
    for (const balance of ['gls', 'stch']) {
      const inside = await weightsAfter(apart(), { balance, steps: 4 });
      const outside = await weightsAfter(apart(), { balance, steps: 4, accumulate: 2 });
      expectClose(outside.weights, inside.weights, 1e-4);
      for (const [i, { balance: report }] of inside.steps.entries())
        for (const [task, weight] of Object.entries(report!.weights))
          expect(outside.steps[i]!.balance!.weights[task]! / weight).toBeCloseTo(1, 3);
    }
  });

  it('of fixed factors are those factors', async () => {
    const tasks = apart().map((task, k) => ({ ...task, weight: [0.5, 2, 1][k]! * task.weight }));
    const { weights: direct } = await weightsAfter(tasks, {});
    const balance = { method: 'static', options: { weights: [0.5, 2, 1] } };
    expectClose((await weightsAfter(apart(), { balance })).weights, direct);
  });
});

describe('on shared activations', () => {
  it('combines what the trunk gives, and lets the heads learn from their own losses', async () => {
    const balance = { method: 'sum', on: 'activations' as const };
    const { weights: equal } = await weightsAfter(together(), {});
    expectClose((await weightsAfter(together(), { balance })).weights, equal);
    const eager = await weightsAfter(together(), { balance: { method: 'mgda', on: 'activations' }, compile: 'eager' });
    const graph = await weightsAfter(together(), { balance: { method: 'mgda', on: 'activations' }, compile: 'graph' });
    expectClose(graph.weights, eager.weights, 1e-4);
    expect(graph.steps[0]!.balance!.cosines).toHaveLength(2);
  });

  it('is refused with the reason', async () => {
    const refusal = (tasks: AnyTask[], method: string) =>
      expect(weightsAfter(tasks, { balance: { method, on: 'activations' } })).rejects;
    await refusal(apart(), 'mgda').toThrow('the tasks have inputs of their own');
    await refusal(together(), 'graddrop').toThrow('it looks at every number of the gradients');
    await refusal(together(), 'uncertainty').toThrow('it weighs losses');
  });
});

describe('every method', () => {
  const names = methods()
    .filter(({ name }) => name !== 'equal')
    .map(({ name }) => name);

  it.each(names)('%s trains tasks, some of them without labels', async (method) => {
    const options: Record<string, Readonly<Record<string, unknown>>> = {
      static: { weights: [1, 1, 1] },
      constant: { weights: [1, 1, 1] },
      krum: { nByzantine: 0 },
    };
    const tasks = [...apart().slice(0, 2), numbersTask('none', () => undefined)];
    const balance = { method, options: options[method] ?? {} };
    const { weights, steps } = await weightsAfter(tasks, { balance, steps: 4, accumulate: 2, clip: 1 });
    for (const values of weights.values()) expect(values.every(Number.isFinite)).toBe(true);
    expect(steps).toHaveLength(4);
    expect(steps[3]!.losses.none).toBeUndefined();
  });
});

describe('a method', () => {
  it('must be known, with options that it has', async () => {
    await expect(weightsAfter(apart(), { balance: 'no-such' })).rejects.toThrow(/no-such.*mgda/s);
    await expect(weightsAfter(apart(), { balance: { method: 'cagrad', options: { d: 1 } } })).rejects.toThrow('d');
  });

  it('leaves no tensor behind, and tells what it did', async () => {
    const before = tf.memory().numTensors;
    const { steps } = await weightsAfter(apart(), { balance: 'pcgrad' });
    expect(tf.memory().numTensors).toBe(before);
    const { weights, norms, cosines } = steps[0]!.balance!;
    expect(Object.keys(weights)).toEqual(['a', 'b', 'c']);
    for (const norm of Object.values(norms!)) expect(norm).toBeGreaterThan(0);
    for (const [k, row] of cosines!.entries()) expect(row[k]).toBeCloseTo(1, 4);
  });
});
