import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/evaluate/index.ts';
import {
  assembleInputs,
  createNetwork,
  internals,
  type Network,
  passOf,
  toTensor,
} from '../../../src/network/index.ts';
import type { Block, BlockContext, Call } from '../../../src/task/contract.ts';
import { train } from '../../../src/train/index.ts';
import { multiModelTrunk } from '../../../src/trunk/index.ts';
import { backwards, END, inputs, LONGEST, reversing, sorting, trunk } from '../writers.ts';

let network: Network;
beforeAll(async () => {
  network = (await createNetwork({ trunk, tasks: [reversing, sorting], seed: 1 })) as never;
  await lastValueFrom(train(network, { steps: 500, batch: 32, seed: 1 }).pipe(toArray()));
}, 300_000);
afterAll(() => network.dispose());

/** Log-probabilities of the symbols of these sequences, each by the teacher-forced graph. */
function scoresOf(task: string, examples: readonly unknown[], sequences: readonly (readonly number[])[]): number[] {
  const { body } = internals(network);
  const built = body.task(task);
  return tf.tidy(() => {
    const padded = sequences.map((symbols) => [...symbols, END, ...Array(LONGEST).fill(0)].slice(0, LONGEST + 1));
    const target = tf.tensor2d(padded, undefined, 'int32');
    const encoded = body.encode(passOf(built), assembleInputs(task, built.input, examples).map(toTensor), false);
    const scores = body.output(built, encoded, target) as tf.Tensor3D;
    const picked = tf.logSoftmax(scores).mul(tf.oneHot(target, scores.shape[2])).sum(2); // [batch, positions]
    return [...picked.mul(target.greater(0).cast('float32')).sum(1).dataSync()];
  });
}

/** The slow way: the likeliest symbol by the teacher-forced graph over what was written so far, again for each position. */
function writtenSlowly(task: string, examples: readonly unknown[]): number[][] {
  const { body } = internals(network);
  const built = body.task(task);
  const written = examples.map(() => [] as number[]);
  for (let at = 0; at <= LONGEST; at++) {
    const next = tf.tidy(() => {
      const target = tf.tensor2d(
        written.map((symbols) => [...symbols, ...Array(LONGEST + 1).fill(0)].slice(0, LONGEST + 1)),
        undefined,
        'int32',
      );
      const encoded = body.encode(passOf(built), assembleInputs(task, built.input, examples).map(toTensor), false);
      const scores = body.output(built, encoded, target) as tf.Tensor3D;
      const [batch, , symbols] = scores.shape;
      const here = scores.slice([0, at, 1], [batch, 1, symbols - 1]).reshape([batch, symbols - 1]); // without padding
      return [...here.argMax(1).dataSync()].map((symbol) => symbol + 1);
    });
    for (const [i, symbols] of written.entries()) symbols.push(next[i]!);
  }
  return written.map((symbols) => (symbols.includes(END) ? symbols.slice(0, symbols.indexOf(END)) : symbols));
}

describe('a head that writes', () => {
  it('learns to, beside another that reads the same', async () => {
    const metrics = await evaluate(network);
    expect(metrics.backwards!.exact).toBeGreaterThan(0.9);
    expect(metrics.sorted!.exact).toBeGreaterThan(0.9);
  });

  it.each(['graph', 'eager'] as const)(
    'writes what the teacher-forced graph would, again for each position (%s)',
    async (compile) => {
      const examples = inputs.slice(0, 40);
      for (const task of ['backwards', 'sorted'])
        expect(await network.predict(task, examples, { compile })).toEqual(writtenSlowly(task, examples));
    },
  );

  it.each(['graph', 'eager'] as const)('writes several at once as one after the other (%s)', async (compile) => {
    const parts = [0, 1, 2].map((i) => inputs.slice(16 * i, 16 * i + 16));
    const alone = [];
    for (const part of parts) alone.push(await network.predict('backwards', part, { compile }));
    expect(alone.flat().map(String)).not.toEqual(alone[0]!.concat(alone[0]!, alone[0]!).map(String));
    expect(await Promise.all(parts.map((part) => network.predict('backwards', part, { compile })))).toEqual(alone);
  });

  it('computes once what is the same at every position, for each batch anew', async () => {
    const sums: number[] = [];
    // What a block computes of the source alone; it adds nothing.
    const counting = (context: BlockContext, index: number): Block => {
      const block = trunk.decoder!.block(context, index);
      const memory = {};
      const sumOf = ({ source }: Call) => {
        const sum = source!.tokens.sum();
        sums.push(sum.dataSync()[0]!);
        return sum;
      };
      return {
        forward: (tokens, call) => {
          const sum = call.past?.once(memory, () => sumOf(call)) ?? tf.scalar(0);
          return block.forward(tokens.add(sum.mul(0)), call);
        },
      };
    };
    const decoder = { ...trunk.decoder!, depth: 1, block: counting };
    const counted = (await createNetwork({ trunk: { ...trunk, decoder }, tasks: [reversing], seed: 1 })) as Network;
    const compile = 'eager';
    for (const from of [0, 8, 0]) await counted.predict('backwards', inputs.slice(from, from + 8), { compile });
    // The first is of a blank source, which shows the shape.
    expect(sums).toEqual([0, expect.any(Number), expect.any(Number), sums[1]]);
    expect(sums[2]).not.toBe(sums[1]);
    counted.dispose();
  });

  it('writes in a graph what it writes operation by operation, one sequence or a beam', async () => {
    const convolutions = multiModelTrunk({ width: 32, encoder: 1, mixer: 1, decoder: 1, heads: 2, experts: 3, k: 2 });
    const untrained = (await createNetwork({ trunk: convolutions, tasks: [reversing], seed: 1 })) as Network;
    for (const [subject, examples] of [
      [untrained, inputs.slice(0, 5)],
      [network, inputs.slice(0, 24)],
    ] as const)
      for (const beam of [1, 3]) {
        const [graph, eager] = [
          await subject.predict('backwards', examples, { beam, compile: 'graph' }),
          await subject.predict('backwards', examples, { beam, compile: 'eager' }),
        ];
        expect(graph).toEqual(eager);
        // What was kept of other sequences is not looked at.
        expect(await subject.predict('backwards', examples, { beam, compile: 'graph' })).toEqual(graph);
      }
    untrained.dispose();
  });

  it('takes a whole number of sequences', async () => {
    const refused = (beam: unknown) => network.predict('sorted', inputs.slice(0, 2), { beam: beam as number });
    for (const beam of [0, -1, 0.5, Number.NaN, '3'])
      await expect(refused(beam)).rejects.toThrow(
        /^Task "sorted": predict: beam must be a whole number >= 1, received /,
      );
  });

  it('finds by a beam what is at least as likely', async () => {
    const examples = inputs.slice(0, 64);
    const greedy = (await network.predict('backwards', examples)) as number[][];
    const wide = (await network.predict('backwards', examples, { beam: 3 })) as number[][];
    const [plain, found] = [greedy, wide].map((sequences) => scoresOf('backwards', examples, sequences));
    for (const [i, score] of found!.entries()) {
      const same = String(wide[i]) === String(greedy[i]);
      if (!same && wide[i]!.length === greedy[i]!.length) expect(score).toBeGreaterThan(plain![i]!);
    }
    const right = wide.filter((sequence, i) => String(sequence) === String(backwards(examples[i]!))).length;
    expect(right).toBeGreaterThan(56);
  });
});
