import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  createNetwork,
  denseTrunk,
  multiModelTrunk,
  routing,
  type Trunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import type { Block } from '../../src/task/contract.ts';
import { numbersTask } from '../fixtures.ts';
import { inputs, reversing, sorting } from '../network/writers.ts';

const tasks = [reversing, sorting];

/** A block that sends tokens at even positions to the first of two parts, and the others to the second; it tells `times` times. */
const byPosition = (times: number): Block => ({
  forward: (tokens, call) => {
    const [batch, positions] = tokens.shape;
    const odd = tf.range(0, positions).mod(2).reshape([1, positions, 1]);
    const both = tf.concat([tf.sub(1, odd), odd], 2).tile([batch, 1, 1]); // [batch, positions, 2]
    const visits = call.mask === undefined ? both : both.mul(call.mask.expandDims(2));
    for (let i = 0; i < times; i++) call.routes?.(visits as tf.Tensor3D);
    return tokens;
  },
});
const plan = (times: number, kind = 'by-position'): Trunk => ({
  kind,
  width: 8,
  depth: 1,
  config: { kind },
  block: () => byPosition(times),
});

describe('routing', () => {
  it('says of each task which share of its tokens goes where, without padding, in blocks that read and that write', async () => {
    const trunk = { ...plan(2), decoder: plan(1, 'writing') };
    const network = await createNetwork({ trunk, tasks, seed: 1 });
    const { counts } = reversing.source;
    const indices = Array.from({ length: counts.validation }, (_, i) => i);
    const examples = await reversing.source.read('validation', indices, undefined as never);
    // Number by number: how many positions of sequences are even.
    const shareOf = (lengths: readonly number[]) => {
      const even = lengths.reduce((sum, length) => sum + Math.ceil(length / 2), 0) / lengths.reduce((a, b) => a + b);
      return [even, 1 - even];
    };
    const read = shareOf(examples.map(({ input }) => (input as readonly number[]).length));
    // What has no label is not written, and the end is written too.
    const labelled = examples.filter(({ target }) => (target as { backwards: unknown }).backwards !== undefined);
    expect(labelled.length).toBeLessThan(examples.length);
    const written = shareOf(labelled.map(({ input }) => (input as readonly number[]).length + 1));
    const found = await routing(network, { tasks: ['backwards'], examples: inputs.length });
    expect(found.map(({ block }) => block)).toEqual([
      'column-0/block-0',
      'column-0/block-0 (2)',
      'column-0/decoder/block-0',
    ]);
    for (const [i, expected] of [read, read, written].entries()) {
      const shares = found[i]!.shares.backwards!;
      expect(Object.keys(found[i]!.shares)).toEqual(['backwards']);
      for (const [part, share] of shares.entries()) expect(share).toBeCloseTo(expected[part]!, 6);
    }
    network.dispose();
  });

  it('shows all tokens at the first k experts of a network whose gates are still 0, and others once it is trained', async () => {
    const trunk = multiModelTrunk({ width: 16, encoder: 1, mixer: 1, decoder: 1, experts: 4, k: 2, heads: 2 });
    const network = await createNetwork({ trunk, tasks, seed: 1 });
    const even = [0.5, 0.5, 0, 0];
    expect(await routing(network)).toEqual([
      { block: 'column-0/block-1', shares: { backwards: even, sorted: even } },
      { block: 'column-0/decoder/block-3', shares: { backwards: even, sorted: even } },
    ]);
    await lastValueFrom(train(network, { steps: 8, batch: 16, seed: 1 }));
    const before = tf.memory().numTensors;
    const trained = await routing(network, { examples: 5 });
    expect(await routing(network, { examples: 5 })).toEqual(trained);
    expect(tf.memory().numTensors).toBe(before);
    for (const { shares } of trained) {
      for (const each of Object.values(shares)) {
        expect(each).not.toEqual(even);
        expect(each.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
        expect(Math.max(...each)).toBeLessThanOrEqual(0.5);
      }
    }
    network.dispose();
  });

  it('finds nothing where no block sends tokens anywhere, and refuses what cannot be', async () => {
    const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('numbers')] });
    expect(await routing(network)).toEqual([]);
    await expect(routing(network, { tasks: ['other'] })).rejects.toThrow('There is no task "other"');
    await expect(routing(network, { examples: 0 })).rejects.toThrow('routing: examples must be a whole number >= 1');
    network.dispose();
    const writes = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 1, heads: 2, decoder: 1 }),
      tasks,
    });
    expect(await routing(writes)).toEqual([]);
    writes.dispose();
  });
});
