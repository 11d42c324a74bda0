// Losses that blocks, stems and heads give of their own, by `Call.also`.
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  type BlockContext,
  type Call,
  createNetwork,
  denseTrunk,
  evaluate,
  type HeadContext,
  type Network,
  type StemContext,
  sgd,
  type TrainOptions,
  type Trunk,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, NumberHead, NumbersStem, numbersSource, numbersTask } from '../fixtures.ts';
import { reversing, sorting, trunk as writingTrunk } from '../network/writers.ts';
import { apart, plain } from './tasks.ts';

const RATE = 0.1;
const FACTOR = 0.5;
const DEPTH = 2;

type Also = (tokens: tf.Tensor, gate: tf.Tensor) => tf.Tensor;
/** It depends on the gate alone, so a step of plain gradient descent takes the gate to (1 - 2 RATE FACTOR) of itself for each time that it counts. */
const byGate: Also = (_, gate) => gate.square().sum().mul(FACTOR);
const byTokens: Also = (tokens, gate) => tokens.mul(gate).square().mean();

/** A part with a weight of its own that learns by what it gives `also` alone. */
function giving<Part extends { forward(tokens: tf.Tensor3D, call: Call): unknown }>(
  context: BlockContext,
  part: Part,
  also: Also,
  size = context.width,
): Part {
  const gate = context.variable('gate', [size], { constant: 0.5 });
  const forward = (tokens: tf.Tensor3D, call: Call) => {
    call.also?.(also(tokens, gate) as tf.Scalar);
    return part.forward(tokens, call);
  };
  return Object.assign(Object.create(part), { forward });
}

const withLosses = (trunk: Trunk, also: Also): Trunk => ({
  ...trunk,
  block: (context, index) => giving(context, trunk.block(context, index), also),
  ...(trunk.decoder === undefined ? {} : { decoder: withLosses(trunk.decoder, also) }),
});
const dense = denseTrunk({ width: 8, depth: DEPTH });
const gated = withLosses(dense, byGate);

/** Two tasks with one pass, whose heads give losses of their own where `also` is there. */
function pair(also?: Also): AnyTask[] {
  const source = numbersSource((x) => ({ left: x[0]! - x[1]!, right: 3 * x[2]! }));
  const stem = (context: StemContext) => new NumbersStem(context);
  return ['left', 'right'].map((name) => ({
    ...numbersTask(name),
    stem,
    source: source as never,
    target: name,
    head: (context: HeadContext) => {
      const head = new NumberHead(context);
      return also === undefined ? head : giving(context, head, also);
    },
  }));
}

async function trained(trunk: Trunk, tasks: readonly AnyTask[], options: Partial<TrainOptions> = {}) {
  const network = (await createNetwork({ trunk, tasks, seed: 3 })) as Network;
  const optimizer = sgd({ learningRate: RATE });
  const all = { ...plain, steps: 1, optimizer, ...options };
  const events = await lastValueFrom(train(network, all as TrainOptions).pipe(toArray()));
  const steps = events.flatMap((event) => (event.kind === 'step' ? [event] : []));
  return { network, steps };
}

const gatesOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .filter(({ name }) => name.endsWith('/gate'))
    .map(({ tensor }) => tensor.dataSync()[0]!);

/** The value of `byGate` of gates that are as they begin. */
const FIRST = FACTOR * 8 * 0.25;
const gateAfter = (times: number) => 0.5 * (1 - 2 * RATE * FACTOR * times);

const WAYS = [
  ['equal weights', {}],
  ['micro-batches', { accumulate: 2 }],
  ['weights of the losses', { balance: { method: 'static', weights: [0.2, 3] } }],
  ['famo', { balance: 'famo' }],
  ['a sum of gradients', { balance: 'sum' }],
  ['a sum of gradients in micro-batches', { balance: 'sum', accumulate: 2 }],
  ['a sum of gradients over all that is shared', { balance: { method: 'sum', on: 'shared' } }],
  ['gradients of activations', { balance: { method: 'pcgrad', on: 'activations' } }],
] as const;

describe.each(['graph', 'eager'] as const)('a loss of a block, in the mode %s,', (compile) => {
  it.each(WAYS)('is added to the objective once a pass, beside the losses that are told: %s', async (_, options) => {
    const { network, steps } = await trained(gated, pair(), { ...options, compile } as never);
    const without = await trained(dense, pair(), { ...options, compile } as never);
    expect(steps[0]!.auxiliary).toBeCloseTo(DEPTH * FIRST, 5);
    expect(steps[0]!.losses).toEqual(without.steps[0]!.losses);
    expect(without.steps[0]).not.toHaveProperty('auxiliary');
    for (const gate of gatesOf(network)) expect(gate).toBeCloseTo(gateAfter(1), 5);
    network.dispose();
    without.network.dispose();
  });

  it.each(WAYS)(
    'counts as a whole in the head that gives it, which one task of the pass alone reaches: %s',
    async (_, options) => {
      const { network, steps } = await trained(dense, pair(byGate), { ...options, compile } as never);
      expect(steps[0]!.auxiliary).toBeCloseTo(2 * FIRST, 5);
      expect(gatesOf(network)).toHaveLength(2);
      for (const gate of gatesOf(network)) expect(gate).toBeCloseTo(gateAfter(1), 5);
      network.dispose();
    },
  );

  it.each([
    ['equal weights', {}],
    ['a sum of gradients', { balance: 'sum' }],
  ] as const)('counts once for each of several passes: %s', async (_, options) => {
    const { network, steps } = await trained(gated, apart(), { ...options, compile } as never);
    expect(steps[0]!.auxiliary).toBeCloseTo(3 * DEPTH * FIRST, 5);
    for (const gate of gatesOf(network)) expect(gate).toBeCloseTo(gateAfter(3), 5);
    network.dispose();
  });
});

describe.each(['graph', 'eager'] as const)('a loss of a frozen block, in the mode %s,', (compile) => {
  it.each([
    ['equal weights', {}],
    ['pcgrad', { balance: 'pcgrad' }],
    ['a comparison of gradients', { compareGradientsEvery: 1 }],
  ] as const)('leaves the block as it is: %s', async (_, options) => {
    const parameters = [{ match: 'trunk/block-0/*', frozen: true as const }];
    const { network } = await trained(gated, pair(), { ...options, parameters, compile } as never);
    const [frozen, free] = gatesOf(network);
    expect(frozen).toBe(0.5);
    expect(free).toBeCloseTo(gateAfter(1), 5);
    network.dispose();
  });
});

describe('a loss of a block', () => {
  it.each([
    ['pcgrad', { balance: 'pcgrad' }],
    ['pcgrad on activations', { balance: { method: 'pcgrad', on: 'activations' } }],
    ['mgda', { balance: 'mgda' }],
    ['compared gradients', { compareGradientsEvery: 1 }],
    ['micro-batches', { accumulate: 2 }],
  ] as const)('teaches what comes before it alike in a graph and step by step: %s', async (_, options) => {
    const results: number[][] = [];
    const stems: number[][] = [];
    const stemOf = (network: Network) => [...internals(network).body.store.of('stem')[0]!.tensor.dataSync()];
    for (const compile of ['graph', 'eager']) {
      const all = { steps: 3, ...options, compile };
      const { network, steps } = await trained(withLosses(dense, byTokens), pair(byTokens), all as never);
      results.push(steps.flatMap(({ losses, auxiliary }) => [...Object.values(losses), auxiliary] as number[]));
      stems.push(stemOf(network));
      network.dispose();
    }
    const { network } = await trained(dense, pair(), { steps: 3, ...options } as never);
    stems.push(stemOf(network));
    network.dispose();
    expect(results[0]).toHaveLength(9);
    for (const [i, value] of results[0]!.entries()) expect(value).toBeCloseTo(results[1]![i]!, 4);
    const farthest = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
    expect(farthest(stems[0]!, stems[1]!)).toBeLessThan(1e-4);
    expect(farthest(stems[0]!, stems[2]!)).toBeGreaterThan(1e-3);
  });

  it('is in the gradient of each task of the pass, in equal shares', async () => {
    const strong = withLosses(dense, (tokens, gate) => byTokens(tokens, gate).mul(1e4));
    const { network, steps } = await trained(strong, pair(), { compareGradientsEvery: 1 });
    const { cosines, norms } = steps[0]!.gradients!;
    expect(cosines[0]![1]).toBeCloseTo(1, 3);
    expect(norms.left! / norms.right!).toBeCloseTo(1, 2);
    network.dispose();
  });

  it('comes from a stem and a decoder too', async () => {
    const tasks = [reversing, sorting];
    const trunk = withLosses(writingTrunk, () => tf.scalar(1));
    const { network, steps } = await trained(trunk, tasks);
    // Both tasks read one source through one stem: two blocks once, and the decoder's for each of them.
    expect(internals(network).body.tasks[0]!.input).toBe(internals(network).body.tasks[1]!.input);
    expect(steps[0]!.auxiliary).toBe(4);
    network.dispose();
    const stem = (context: StemContext) =>
      giving(context, new NumbersStem(context) as never, byGate as never) as unknown as NumbersStem;
    const other = await trained(dense, [{ ...numbersTask('a'), stem }, numbersTask('b')]);
    expect(other.steps[0]!.auxiliary).toBeCloseTo(FIRST, 5);
    other.network.dispose();
  });

  it('is taken where the block learns alone: not in prediction, evaluation, or a frozen column', async () => {
    const seen: string[] = [];
    const noting = (label: string): Trunk => ({
      ...dense,
      block: (context, index) => {
        const block = dense.block(context, index);
        return {
          forward: (tokens, call) => {
            seen.push(`${label} ${call.training} ${call.also !== undefined}`);
            return block.forward(tokens, call);
          },
        };
      },
    });
    const { network } = await trained(noting('first'), [numbersTask('a')]);
    expect(new Set(seen)).toEqual(new Set(['first false false', 'first true true']));
    seen.length = 0;
    await network.predict('a', inputs.slice(0, 2));
    await evaluate(network);
    await network.addColumn({ tasks: [numbersTask('b')], trunk: noting('second') });
    expect(new Set(seen)).toEqual(new Set(['first false false']));
    await lastValueFrom(train(network, { ...plain, steps: 1 }));
    expect(new Set(seen)).toEqual(new Set(['first false false', 'second false false', 'second true true']));
    seen.length = 0;
    internals(network).body.freeze('column-1');
    await lastValueFrom(train(network, { ...plain, steps: 1, compile: 'eager' }));
    expect(new Set(seen)).toEqual(new Set(['first false false', 'second false false']));
    network.dispose();
  });

  it.each([
    ['equal weights', {}],
    ['pcgrad', { balance: 'pcgrad' }],
    ['micro-batches', { accumulate: 2 }],
    ['step by step', { compile: 'eager' }],
  ] as const)('that is not finite changes nothing, and its pass is named: %s', async (_, options) => {
    const bad = (context: StemContext) =>
      giving(
        context,
        new NumbersStem(context) as never,
        ((_: tf.Tensor, gate: tf.Tensor) => gate.sum().sub(100).log()) as never,
      ) as unknown as NumbersStem;
    const tasks = [numbersTask('a'), { ...numbersTask('b'), stem: bad }];
    const network = (await createNetwork({ trunk: dense, tasks, seed: 3 })) as Network;
    const weights = () =>
      internals(network)
        .body.store.all()
        .map(({ tensor }) => [...tensor.dataSync()]);
    const before = weights();
    const training = train(network, { ...plain, steps: 1, ...options } as TrainOptions);
    await expect(lastValueFrom(training)).rejects.toThrow(
      'Update 1: the blocks\' own losses on the pass of "b" are NaN, expected a finite number. The weights are those before this update. Look at what the blocks give call.also(), or lower the learning rate.',
    );
    expect(weights()).toEqual(before);
    network.dispose();
  });

  it('is one number', async () => {
    const network = await createNetwork({ trunk: withLosses(dense, (_, gate) => gate), tasks: pair(), seed: 3 });
    await expect(lastValueFrom(train(network, { ...plain, steps: 1 }))).rejects.toThrow(
      'A part that tasks "left", "right" go through gave call.also() a loss of shape [8], expected one number, []. Sum or average it.',
    );
    network.dispose();
  });
});
