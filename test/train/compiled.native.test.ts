// What holds of a training because its steps are graphs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { classifier, convStem } from 'banyan-ml/heads/vision';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  adamW,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  Network,
  type StemContext,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { type AnyNetwork, internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { kernelsInUse } from '../../src/runtime/kernels/kernels.ts';
import { inputs, NumbersStem, numbersTask } from '../fixtures.ts';

const { compiled } = await startRuntime();
const trunk = denseTrunk({ width: 16, depth: 1 });
const build = () => createNetwork({ trunk, tasks: [numbersTask('numbers')], seed: 2 });
const options: TrainOptions = {
  steps: 8,
  batch: 12,
  schedule: constantSchedule(),
  optimizer: sgd({ learningRate: 0.05 }),
};

async function stepsOf(network: AnyNetwork, given: TrainOptions): Promise<StepEvent[]> {
  const events = await lastValueFrom(train(network, given).pipe(toArray()));
  return events.filter((event): event is StepEvent => event.kind === 'step');
}

const weights = (network: AnyNetwork) =>
  internals(network)
    .body.store.all()
    .flatMap(({ tensor }) => [...tensor.dataSync()]);
const apart = (a: readonly number[], b: readonly number[]) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);

describe.skipIf(!compiled)('a training in graphs', () => {
  it('adds up the gradients of a batch’s parts to the batch’s own', async () => {
    const [whole, parts] = [await build(), await build()];
    const one = await stepsOf(whole, options);
    const four = await stepsOf(parts, { ...options, accumulate: 4 });
    for (const [i, { losses, gradientNorm }] of one.entries()) {
      expect(four[i]!.losses.numbers).toBeCloseTo(losses.numbers!, 5);
      expect(four[i]!.gradientNorm).toBeCloseTo(gradientNorm, 4);
    }
    expect(apart(weights(whole), weights(parts))).toBeLessThan(1e-5);
    await expect(stepsOf(whole, { ...options, accumulate: 5 })).rejects.toThrow(
      'train: accumulate must divide batch 12, received 5. Give a divisor, or another batch.',
    );
    whole.dispose();
    parts.dispose();
  });

  it('takes the same way by XLA, but for rounding', async () => {
    const [graph, xla] = [await build(), await build()];
    const [a, b] = [
      await stepsOf(graph, { ...options, compile: 'graph' }),
      await stepsOf(xla, { ...options, compile: 'xla' }),
    ];
    for (const [i, { losses }] of a.entries()) expect(b[i]!.losses.numbers).toBeCloseTo(losses.numbers!, 5);
    expect(apart(weights(graph), weights(xla))).toBeLessThan(1e-5);
    graph.dispose();
    xla.dispose();
  });

  it('learns in mixed precision, near the way of float32, and says where that is not possible', async () => {
    const [full, mixed] = [await build(), await build()];
    const [a, b] = [await stepsOf(full, options), await stepsOf(mixed, { ...options, precision: 'mixed' })];
    expect(b.map(({ losses }) => losses.numbers)).not.toEqual(a.map(({ losses }) => losses.numbers));
    // bfloat16 has 8 binary digits.
    for (const [i, { losses }] of a.entries())
      expect(Math.abs(b[i]!.losses.numbers! - losses.numbers!)).toBeLessThan(0.02 * losses.numbers! + 0.01);
    await expect(stepsOf(mixed, { ...options, precision: 'mixed', compile: 'eager' })).rejects.toThrow(
      "precision: 'mixed' needs a graph, and with compile: 'eager' this network runs operation by operation.",
    );
    full.dispose();
    mixed.dispose();
  });

  it('writes what each operation of a step takes, and changes nothing by that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-profile-'));
    const [plain, watched] = [await build(), await build()];
    const profile = join(folder, 'profile.json');
    await stepsOf(plain, { ...options, optimizer: adamW() });
    await stepsOf(watched, { ...options, optimizer: adamW(), profile });
    expect(weights(watched)).toEqual(weights(plain));
    const { traceEvents } = JSON.parse(readFileSync(profile, 'utf8')) as {
      traceEvents: { name: string; ph: string; tid: number; ts: number; dur: number; args: { node?: string } }[];
    };
    const operations = traceEvents.filter(({ ph }) => ph === 'X');
    expect(operations.filter(({ name }) => /^(Banyan|ResourceApply)Adam$/.test(name))).toHaveLength(4);
    expect(operations.some(({ args }) => args.node?.startsWith('stem/numbers/'))).toBe(true);
    // In one row nothing overlaps.
    const ends = new Map<number, number>();
    for (const { tid, ts, dur } of operations) {
      expect(ts).toBeGreaterThanOrEqual(ends.get(tid) ?? 0);
      ends.set(tid, ts + dur);
    }
    rmSync(folder, { recursive: true });
    plain.dispose();
    watched.dispose();
  });

  it('writes how the gradients are computed that a balancing method looks at, and changes nothing by that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-profile-'));
    const profile = join(folder, 'profile.json');
    const tasks = [numbersTask('a'), numbersTask('b', (x) => -x[0]!)];
    const [plain, watched] = [
      await createNetwork({ trunk, tasks, seed: 2 }),
      await createNetwork({ trunk, tasks, seed: 2 }),
    ];
    await stepsOf(plain, { ...options, balance: 'pcgrad' });
    await stepsOf(watched, { ...options, balance: 'pcgrad', profile });
    expect(weights(watched)).toEqual(weights(plain));
    const { traceEvents } = JSON.parse(readFileSync(profile, 'utf8')) as { traceEvents: { args: { node?: string } }[] };
    for (const part of ['stem/a/', 'stem/b/', 'head/a/', 'head/b/', 'column-0/'])
      expect(
        traceEvents.some(({ args }) => args.node?.startsWith(part)),
        part,
      ).toBe(true);
    rmSync(folder, { recursive: true });
    plain.dispose();
    watched.dispose();
  });

  it('runs convolutions, products and attention by own kernels where there are any, as its profile shows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-profile-'));
    const profile = join(folder, 'profile.json');
    const task = defineTask({
      name: 'pictures',
      stem: convStem({ height: 8, width: 8, channels: 1, filters: [4, 6] }),
      head: classifier({ classes: 3 }),
      source: arraySource({
        inputs: inputs.map((_, i) => Float32Array.from({ length: 64 }, (_, j) => Math.sin(i * j))),
        targets: inputs.map((_, i) => i % 3),
        validation: 0,
      }),
    });
    const network = await createNetwork({ trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }), tasks: [task] });
    await stepsOf(network, { ...options, profile });
    const { traceEvents } = JSON.parse(readFileSync(profile, 'utf8')) as { traceEvents: { name: string }[] };
    const names = new Set(traceEvents.map(({ name }) => name).filter((name) => name.startsWith('Banyan')));
    const kernels = ['Attention', 'Convolution', 'LayerNorm', 'Linear', 'SumOfSquares'];
    for (const kernel of kernels) expect(names.has(`Banyan${kernel}`), kernel).toBe(kernelsInUse() !== undefined);
    rmSync(folder, { recursive: true });
    network.dispose();
  });

  it('holds its memory over 2,000 steps', async () => {
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      tasks: [numbersTask('numbers')],
    });
    // The least of some hundred steps: in between, JavaScript's heap breathes.
    const [early, late]: number[][] = [[], []];
    await lastValueFrom(
      train(network, {
        steps: 2000,
        batch: 8,
        stop: (event) => {
          if (event.kind === 'step' && event.step > 300 && event.step <= 600) early!.push(process.memoryUsage.rss());
          if (event.kind === 'step' && event.step > 1700) late!.push(process.memoryUsage.rss());
          return false;
        },
      }),
    );
    expect(Math.min(...late!) / Math.min(...early!)).toBeLessThan(1.05);
    network.dispose();
  });

  it('saves what it has when it is disposed meanwhile, and trains beside predictions', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-save-'));
    const network = await build();
    const predicting = Array.from({ length: 20 }, () => network.predict('numbers', inputs.slice(0, 8)));
    const trained = stepsOf(network, options);
    expect(await trained).toHaveLength(8);
    await Promise.all(predicting);
    const [expected] = await network.predict('numbers', inputs.slice(0, 1));
    const saved = network.save(join(folder, 'network'));
    network.dispose();
    await saved;
    const loaded = await Network.load(join(folder, 'network'), { tasks: [numbersTask('numbers')] });
    expect((await loaded.predict('numbers', inputs.slice(0, 1)))[0]).toBe(expected);
    loaded.dispose();
    rmSync(folder, { recursive: true });
  });

  it('stays in graphs where only prediction cannot be one', async () => {
    const peeking = numbersTask('numbers');
    const task = defineTask({
      ...peeking,
      stem: (context: StemContext) => {
        const stem = new NumbersStem(context);
        return {
          modality: 'numbers',
          inputShape: [4],
          prepare: stem.prepare,
          forward: (batch: tf.Tensor, call) => {
            if (!call.training) batch.dataSync();
            return stem.forward(batch, call);
          },
        };
      },
    });
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await createNetwork({ trunk, tasks: [task] });
    await network.predict('numbers', inputs.slice(0, 3));
    await stepsOf(network, options);
    const { runner } = internals(network).body;
    expect(warn.mock.calls.map(([text]) => String(text).slice(0, 60))).toEqual([
      'This network goes on operation by operation (predict), which',
    ]);
    expect([runner.modeOf('auto', 'predict'), runner.modeOf('auto', 'train')]).toEqual(['eager', 'graph']);
    await expect(stepsOf(network, { ...options, compile: 'eager', profile: 'x' })).rejects.toThrow(
      "train: profile shows the graph of a step, and with compile: 'eager' steps run operation by operation here.",
    );
    vi.restoreAllMocks();
    network.dispose();
  });

  it('gives predictions of any number of examples by few graphs', async () => {
    const network = await build();
    const all = inputs.slice(0, 70);
    const eager = await network.predict('numbers', all, { compile: 'eager' });
    for (const count of [1, 2, 3, 5, 8, 13, 64, 70]) {
      const predictions = await network.predict('numbers', all.slice(0, count));
      expect(predictions).toHaveLength(count);
      expect(apart(predictions, eager)).toBeLessThan(1e-6);
    }
    expect(internals(network).body.runner.graphs.length).toBe(6); // 1, 2, 4, 8, 16 and 64
    network.dispose();
  });
});
