import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { columnSensitivity } from '../../src/analysis/index.ts';
import {
  type BlockContext,
  type Call,
  createNetwork,
  defineTask,
  denseTrunk,
  type HeadContext,
  type Network,
  type StemContext,
  type Trunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { maskedMean } from '../../src/layers/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, NumberHead, NumbersStem, numbersSource, numbersTask } from '../fixtures.ts';

const dense = denseTrunk({ width: 8, depth: 3 });

async function grown(trunk: Trunk, laterals: 'nonlinear' | 'linear' | 'none', columns = 2): Promise<Network> {
  const network = await createNetwork({ trunk, tasks: [numbersTask('t0')], seed: 5 });
  for (let k = 1; k < columns; k++) await network.addColumn({ tasks: [numbersTask(`t${k}`)], laterals });
  return network;
}

const variable = (network: Network, name: string) =>
  internals(network)
    .body.store.all()
    .find((candidate) => candidate.name === name)!.tensor;
const change = (network: Network, name: string, by: (values: tf.Tensor) => tf.Tensor) =>
  tf.tidy(() => variable(network, name).assign(by(variable(network, name))));

/** Rows of a matrix on the host. */
const rowsOf = (network: Network, name: string) => variable(network, name).arraySync() as number[][];
const apply = (x: readonly number[], matrix: readonly number[][]) =>
  matrix[0]!.map((_, c) => x.reduce((sum, value, i) => sum + value * matrix[i]![c]!, 0));
const variances = (rows: readonly number[][]) =>
  rows[0]!.map((_, c) => {
    const mean = rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length;
    return rows.reduce((sum, row) => sum + (row[c]! - mean) ** 2, 0) / rows.length;
  });

/** Blocks that give what they get: all is linear, and the truth can be written down. */
const identity: Trunk = {
  kind: 'identity',
  width: 4,
  depth: 2,
  config: { kind: 'identity' },
  block: (_: BlockContext) => ({ forward: (tokens) => tokens.mul(1) }),
};

const sumOver = (shares: readonly (readonly number[])[]) =>
  shares[0]!.map((_, block) => shares.reduce((sum, column) => sum + column[block]!, 0));

describe('columnSensitivity', () => {
  it('is that of the formula where everything is linear', async () => {
    const network = await grown(identity, 'linear');
    change(network, 'column-1/lateral-1/from-0/reduce/kernel', (kernel) => kernel.mul(2));
    const { fisher, perturbation } = await columnSensitivity(network, 't1');
    // y = k (h1 + U h0), so the squared gradients are, up to a common factor, k² and (U k)².
    const held = inputs.slice(150);
    const k = rowsOf(network, 'head/t1/kernel').map(([value]) => value!);
    const lateral = rowsOf(network, 'column-1/lateral-1/from-0/reduce/kernel');
    const earlier = lateral.map((row) => row.reduce((sum, value, i) => sum + value * k[i]!, 0));
    const power = (stem: string, gradient: readonly number[]) =>
      variances(held.map((x) => apply(x, rowsOf(network, stem)))).reduce((sum, v, c) => sum + v * gradient[c]! ** 2, 0);
    const [own, other] = [power('stem/t1/kernel', k), power('stem/t0/kernel', earlier)];
    expect(fisher[0]![0]).toBeCloseTo(other / (own + other), 5);
    expect(sumOver(fisher)[0]).toBeCloseTo(1, 12);
    expect(fisher[1]![1]).toBe(1);
    expect(fisher[0]![1]).toBe(0);
    // For a squared error, noise costs what the gradients say, but for the chance of the draws.
    expect(Math.abs(perturbation[0]![0]! - fisher[0]![0]!)).toBeLessThan(0.1);
    network.dispose();
  });

  it('is on its own column alone where nothing comes in from the side, and all of it in a first column', async () => {
    const network = await grown(dense, 'none');
    const alone = { fisher: [[1, 1, 1]], perturbation: [[1, 1, 1]] };
    expect(await columnSensitivity(network, 't0')).toEqual({ task: 't0', column: 0, ...alone });
    const second = await columnSensitivity(network, 't1');
    for (const kind of ['fisher', 'perturbation'] as const) expect(second[kind]).toEqual([[0, 0, 0], alone[kind][0]]);
    network.dispose();
  });

  it('is on the earlier column where the answer comes from there', async () => {
    const network = await grown(dense, 'linear');
    change(network, 'column-1/block-0/dense/kernel', tf.zerosLike);
    const { fisher, perturbation } = await columnSensitivity(network, 't1');
    for (const kind of [fisher, perturbation]) {
      expect([kind[0]![0], kind[1]![0]]).toEqual([1, 0]);
      expect([kind[0]![2], kind[1]![2]]).toEqual([0, 1]);
    }
    network.dispose();
  });

  it('sums to 1 over three columns, the same in a graph and operation by operation, and leaves no tensor', async () => {
    const network = await grown(transformerTrunk({ width: 8, depth: 3, heads: 2 }), 'nonlinear', 3);
    await lastValueFrom(train(network, { steps: 60, batch: 16, tasks: ['t2'] }));
    await columnSensitivity(network, 't2');
    const tensors = tf.memory().numTensors;
    const graph = await columnSensitivity(network, 't2');
    const eager = await columnSensitivity(network, { name: 't2' }, { compile: 'eager' });
    expect(tf.memory().numTensors).toBe(tensors);
    for (const kind of ['fisher', 'perturbation'] as const) {
      for (const sum of sumOver(graph[kind])) expect(sum).toBeCloseTo(1, 12);
      for (const [j, shares] of graph[kind].entries()) {
        for (const [b, share] of shares.entries()) expect(eager[kind][j]![b]).toBeCloseTo(share, 3);
        expect(shares[2]).toBe(j === 2 ? 1 : 0);
      }
      expect(graph[kind][0]![0]).toBeGreaterThan(0);
    }
    network.dispose();
  });

  it('does not depend on the scale of activations', async () => {
    const network = await grown(dense, 'linear');
    const before = await columnSensitivity(network, 't1');
    change(network, 'column-0/block-0/dense/kernel', (kernel) => kernel.mul(8));
    change(network, 'column-0/block-1/dense/kernel', (kernel) => kernel.div(8));
    change(network, 'column-1/lateral-1/from-0/reduce/kernel', (kernel) => kernel.div(8));
    const { fisher } = await columnSensitivity(network, 't1');
    for (const [j, shares] of before.fisher.entries())
      for (const [b, share] of shares.entries()) expect(fisher[j]![b]).toBeCloseTo(share, 6);
    network.dispose();
  });

  it('does not see padding', async () => {
    class PaddedStem extends NumbersStem {
      readonly padding: number;
      constructor(context: StemContext, padding: number) {
        super(context);
        this.padding = padding;
      }
      override forward(batch: tf.Tensor, call: Call) {
        const tokens = super.forward(batch, call); // [batch, 1, width]
        const mask = tf.tensor2d([[1, 0]]).tile([batch.shape[0]!, 1]);
        const noise = batch.slice([0, 0], [-1, 1]).mul(this.padding).expandDims(1).mul(tf.onesLike(tokens));
        return { tokens: tf.concat([tokens, noise], 1) as tf.Tensor3D, mask } as never;
      }
    }
    class MaskedHead extends NumberHead {
      override forward(tokens: tf.Tensor3D, call?: Call) {
        return super.forward(maskedMean(tokens, call!).expandDims(1) as tf.Tensor3D);
      }
    }
    const withPadding = async (padding: number) => {
      const task = (name: string) =>
        defineTask({
          name,
          stem: (context: StemContext) => new PaddedStem(context, padding),
          head: (context: HeadContext) => new MaskedHead(context),
          source: numbersSource((x) => x[0]! + 2 * x[1]!),
        });
      const network = await createNetwork({ trunk: dense, tasks: [task('t0')], seed: 5 });
      await network.addColumn({ tasks: [task('t1')] });
      const result = await columnSensitivity(network, 't1');
      network.dispose();
      return result;
    };
    expect(await withPadding(100)).toEqual(await withPadding(0));
  });

  it('is 0 where no noise takes the loss half of the way', async () => {
    const hopeless = {
      ...numbersTask('a'),
      // The normalisation after the last block keeps the output small, so the loss never comes near.
      head: (context: HeadContext) => Object.assign(new NumberHead(context), { initialLoss: 1e6 }),
    };
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 1, heads: 2 }),
      tasks: [hopeless],
    });
    const { fisher, perturbation } = await columnSensitivity(network, 'a');
    expect([fisher, perturbation]).toEqual([[[1]], [[0]]]);
    network.dispose();
  });

  it('needs labels of held-out examples, and looks further for them', async () => {
    const few = numbersTask('few', (x, i) => (i < 190 ? undefined : x[0]));
    const none = numbersTask('none', () => undefined);
    const network = await createNetwork({ trunk: dense, tasks: [few, none] });
    expect((await columnSensitivity(network, 'few', { examples: 4 })).fisher).toEqual([[1, 1, 1]]);
    await expect(columnSensitivity(network, 'none')).rejects.toThrow(
      'Task "none" has no label among its validation examples, expected at least one. Give its source a validation split with labels.',
    );
    await expect(columnSensitivity(network, 'nobody')).rejects.toThrow('There is no task "nobody" in this network.');
    network.dispose();
  });
});
