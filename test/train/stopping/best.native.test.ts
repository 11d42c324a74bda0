import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../src/checkpoint/index.ts';
import { denseTrunk, evaluate, resume, type TrainingEvent, type TrainOptions, train } from '../../../src/index.ts';
import { type AnyNetwork, internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { checkpointsIn } from '../../../src/train/index.ts';
import { build, noise, options, rule } from './overfit.ts';

const { compiled } = await startRuntime();
const modes = compiled ? (['eager', 'graph'] as const) : (['eager'] as const);
const all = (network: AnyNetwork, given: TrainOptions): Promise<TrainingEvent[]> =>
  lastValueFrom(train(network, given).pipe(toArray()));
const ofKind = <Kind extends TrainingEvent['kind']>(events: readonly TrainingEvent[], kind: Kind) =>
  events.filter((event): event is Extract<TrainingEvent, { kind: Kind }> => event.kind === kind);
const weights = (network: AnyNetwork) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => [...tensor.dataSync()]);

describe.each(modes)('best weights (%s)', (compile) => {
  const short = { ...options, steps: 40, compile };

  it('are those of the best evaluation, of which the network gives the same metrics again', async () => {
    const network = await build();
    const events = await all(network, { ...short, best: { task: 'noise' } });
    const best = ofKind(events, 'best');
    const evaluations = ofKind(events, 'evaluation');
    const errors = evaluations.map(({ metrics }) => metrics.noise!['absolute-error']!);
    const least = evaluations[errors.indexOf(Math.min(...errors))]!;
    // It is in the middle of the training: else there would be nothing to restore.
    expect(least.step).toBeLessThan(short.steps);
    expect(best.at(-1)).toEqual({
      kind: 'best',
      step: least.step,
      metrics: { noise: { 'absolute-error': Math.min(...errors) } },
    });
    expect(events.at(-1)).toEqual({ kind: 'end', step: 40, reason: 'steps', best: least.step });
    expect(await evaluate(network, { split: 'validation', compile })).toEqual(least.metrics);
    network.dispose();
  });

  it('are told right after the evaluation that found them', async () => {
    const network = await build();
    const events = await all(network, { ...short, best: {} });
    for (const [i, event] of events.entries()) {
      if (event.kind === 'best') expect(events[i - 1]).toMatchObject({ kind: 'evaluation', step: event.step });
    }
    expect(ofKind(events, 'best')[0]).toMatchObject({ step: 5, metrics: { noise: {}, rule: {} } });
    network.dispose();
  });

  it('change nothing of the training itself, whose checkpoints hold the last weights', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'banyan-best-')), 'run');
    const [plain, chosen] = [await build(), await build()];
    await all(plain, short);
    await all(chosen, { ...short, best: { task: 'noise' }, checkpoint: { folder, every: 40 } });
    expect(weights(chosen)).not.toEqual(weights(plain));
    // What goes on from there goes on from the last ones, and ends with the best again.
    const again = await build();
    const steps: TrainingEvent['kind'][] = [];
    await new Promise<void>((done, fail) => {
      resume(again, folder, { ...short, best: { task: 'noise' }, checkpoint: { folder, every: 40 } }).subscribe({
        next: (event) => {
          steps.push(event.kind);
          if (event.kind === 'start') expect(weights(again)).toEqual(weights(plain));
        },
        error: fail,
        complete: done,
      });
    });
    expect(steps).toEqual(['start', 'end']);
    expect(weights(again)).toEqual(weights(chosen));
    for (const network of [plain, chosen, again]) network.dispose();
  });

  it('are restored after a training that was ended early, and not after one that failed', async () => {
    const network = await build();
    const stop: TrainOptions['stop'] = ({ kind, step }) => kind === 'step' && step === 23;
    const events = await all(network, { ...short, best: { task: 'noise' }, stop });
    const { metrics } = ofKind(events, 'evaluation').find(({ step }) => step === ofKind(events, 'best').at(-1)!.step)!;
    expect(events.at(-1)).toMatchObject({ kind: 'end', step: 23, reason: 'stopped' });
    expect(await evaluate(network, { split: 'validation', compile })).toEqual(metrics);
    network.dispose();

    const [failing, plain] = [await build(), await build()];
    const fault = new Error('no more');
    const thrown: TrainOptions['stop'] = (event) => {
      if (event.step === 23) throw fault;
      return false;
    };
    await expect(all(failing, { ...short, best: { task: 'noise' }, stop: thrown })).rejects.toThrow('no more');
    await all(plain, { ...short, stop });
    expect(weights(failing)).toEqual(weights(plain));
    for (const network of [failing, plain]) network.dispose();
  });

  it('leave no tensor behind', async () => {
    const network = await build();
    await all(network, { ...short, steps: 10, best: {} });
    const before = tf.memory().numTensors;
    await all(network, { ...short, steps: 10, best: {}, optimizer: options.optimizer });
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});

it('are kept of the last column alone: the others do not change', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'banyan-best-')), 'run');
  const network = await build([noise()]);
  await network.addColumn({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: [rule()] });
  const events = await all(network, { ...options, steps: 20, best: {}, checkpoint: { folder, every: 1000 } });
  const path = (await checkpointsIn(folder))[0]!;
  const kept = decodeSafetensors(await readFile(join(path, 'kept.safetensors')), 'kept.safetensors');
  const names = [...kept.keys()];
  for (const name of names) expect(name).toMatch(/^network@(column-1|stem\/rule|head\/rule)\//);
  for (const part of ['column-1/lateral-1/', 'stem/rule/', 'head/rule/'])
    expect(
      names.some((name) => name.startsWith(`network@${part}`)),
      part,
    ).toBe(true);
  const best = events.at(-1) as Extract<TrainingEvent, { kind: 'end' }>;
  expect(best.best).toBe(ofKind(events, 'best').at(-1)!.step);
  network.dispose();
});

describe('a training that stops by one task', () => {
  it('ends after so many evaluations without an improvement, and stays ended when it is resumed', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'banyan-stop-')), 'run');
    const stopping: TrainOptions = {
      ...options,
      stop: { task: 'noise', patience: 2, metric: 'loss' },
      best: { task: 'noise', metric: 'loss' },
      checkpoint: { folder, every: 1000 },
    };
    const network = await build();
    const events = await all(network, stopping);
    const losses = ofKind(events, 'evaluation').map(({ metrics }) => metrics.noise!.loss!);
    const end = ofKind(events, 'end')[0]!;
    expect(end).toMatchObject({ reason: 'patience' });
    expect(end.step).toBe(5 * losses.length);
    expect(end.step).toBeLessThan(options.steps);
    // The last two bring nothing, and no two before them.
    const least = (count: number) => Math.min(...losses.slice(0, count));
    expect(least(losses.length)).toBe(least(losses.length - 2));
    for (let i = 3; i < losses.length; i++) expect(least(i)).toBeLessThan(least(i - 2));
    expect(end.best).toBe(end.step - 10);
    const again = await build();
    expect(await lastValueFrom(resume(again, folder, stopping).pipe(toArray()))).toEqual([
      expect.objectContaining({ kind: 'start', step: end.step }),
      end,
    ]);
    expect(weights(again)).toEqual(weights(network));
    await expect(
      lastValueFrom(resume(again, folder, { ...stopping, stop: { task: 'noise', patience: 3, metric: 'loss' } })),
    ).rejects.toThrow(/was trained with stop = .*"patience":2.* and now it is .*"patience":3/);
    expect(
      (await readFile(join(folder, `step-${String(end.step).padStart(8, '0')}`, 'kept.safetensors'))).length,
    ).toBeGreaterThan(0);
    for (const each of [network, again]) each.dispose();
  });
});
