import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { evaluate, type TrainingEvent, type TrainOptions, train } from '../../../src/index.ts';
import { type AnyNetwork, internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { inTurn } from '../../in-turn.ts';
import { build, noise, options, rule } from './overfit.ts';

const { compiled } = await startRuntime();
const modes = compiled ? (['eager', 'graph'] as const) : (['eager'] as const);

const ofKind = <Kind extends TrainingEvent['kind']>(events: readonly TrainingEvent[], kind: Kind) =>
  events.filter((event): event is Extract<TrainingEvent, { kind: Kind }> => event.kind === kind);
/** The weights below these scopes, by name. */
const weightsOf = (network: AnyNetwork, ...scopes: readonly string[]) =>
  Object.fromEntries(
    scopes.flatMap((scope) =>
      internals(network)
        .body.store.of(scope)
        .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
    ),
  );
const NOISE = ['stem/noise', 'head/noise'];
const RULE = ['stem/rule', 'head/rule'];

/** Trains, and looks at the network at each event. */
async function watch<T>(network: AnyNetwork, given: TrainOptions, look: (event: TrainingEvent) => T) {
  const seen: { readonly event: TrainingEvent; readonly seen: T }[] = [];
  await new Promise<void>((done, fail) => {
    train(network, given).subscribe({
      next: (event) => seen.push({ event, seen: look(event) }),
      error: fail,
      complete: done,
    });
  });
  return seen;
}

afterEach(() => void vi.restoreAllMocks());

describe.each(modes)('a task that stops by itself (%s)', (compile) => {
  const stopping = { ...options, compile, stop: { perTask: { patience: 3, drift: 9 } } } satisfies TrainOptions;

  it('leaves the steps with the stem and head of its best evaluation, and the others go on', async () => {
    const network = await build();
    const seen = await watch(network, { ...stopping, steps: 60 }, () => ({
      noise: weightsOf(network, ...NOISE),
      rule: weightsOf(network, ...RULE),
    }));
    const events = seen.map(({ event }) => event);
    const stop = ofKind(events, 'stop')[0]!;
    expect(stop).toMatchObject({ task: 'noise', metric: 'absolute-error' });
    // Three evaluations after its best.
    const errors = ofKind(events, 'evaluation').flatMap(({ step, metrics }) =>
      step <= stop.step ? metrics.noise!['absolute-error']! : [],
    );
    expect(stop).toMatchObject({ best: Math.min(...errors), bestStep: stop.step - 15 });
    const at = (kind: string, step: number) =>
      seen.find(({ event }) => event.kind === kind && event.step === step)!.seen;
    const best = at('evaluation', stop.bestStep);
    expect(at('stop', stop.step).noise).toEqual(best.noise);
    expect(at('step', stop.step).noise).not.toEqual(best.noise);
    expect(at('end', 60).noise).toEqual(best.noise);
    expect(at('end', 60).rule).not.toEqual(at('stop', stop.step).rule);
    for (const { step, drawn, losses, labelled } of ofKind(events, 'step')) {
      expect(drawn).toEqual(step > stop.step ? ['rule'] : undefined);
      expect(Object.keys(losses)).toEqual(step > stop.step ? ['rule'] : ['noise', 'rule']);
      expect(Object.keys(labelled)).toEqual(Object.keys(losses));
    }
    network.dispose();
  });

  it('is measured with them on the trunk as it is, and at each evaluation after', async () => {
    const network = await build();
    const ends = ({ kind }: TrainingEvent) => kind === 'stop';
    const first = await lastValueFrom(
      train(network, { ...stopping, signal: AbortSignal.timeout(60_000) }).pipe(toArray()),
    );
    const stop = ofKind(first, 'stop').find(ends)!;
    network.dispose();
    // The same, ended where it stopped.
    const controller = new AbortController();
    const again = await build();
    await watch(again, { ...stopping, signal: controller.signal }, ({ kind }) => {
      if (kind === 'stop') controller.abort();
    });
    const metrics = await evaluate(again, { split: 'validation', compile, tasks: ['noise'] });
    expect(metrics.noise!['absolute-error']).toBe(stop.value);
    expect(stop.value).not.toBe(stop.best);
    again.dispose();
    // Its first error is the largest there, so the distance is a part of that.
    const largest = Math.max(ofKind(first, 'evaluation')[0]!.metrics.noise!['absolute-error']!, stop.best);
    expect(stop.distance).toBeCloseTo((stop.value - stop.best) / largest, 10);
    for (const { step, metrics, distances } of ofKind(first, 'evaluation')) {
      const value = metrics.noise!['absolute-error']!;
      if (step <= stop.step) expect(distances).toBeUndefined();
      else expect(distances!.noise).toBeCloseTo((value - stop.best) / largest, 10);
    }
  });

  it('costs nothing any more: no training example of it is read', async () => {
    const task = noise();
    let reads = 0;
    const { source } = task;
    const counted = {
      ...task,
      source: {
        ...source,
        read: ((...given) => {
          if (given[0] === 'training') reads++;
          return source.read(...given);
        }) as typeof source.read,
      },
    };
    const network = await build([counted, rule()]);
    let atStop = 0;
    await watch(network, { ...stopping, steps: 60 }, ({ kind }) => {
      if (kind === 'stop') atStop ||= reads;
    });
    expect(atStop).toBeGreaterThan(20);
    // What was decided to be read by then is read.
    expect(reads - atStop).toBeLessThanOrEqual(3);
    network.dispose();
  });

  it('ends the training once all have stopped', async () => {
    const network = await build([noise()]);
    const events = await lastValueFrom(train(network, stopping).pipe(toArray()));
    const { step } = ofKind(events, 'stop')[0]!;
    expect(step).toBeLessThan(stopping.steps);
    expect(events.at(-1)).toEqual({ kind: 'end', step, reason: 'patience' });
    network.dispose();
  });

  it('is told of with a warning, once, where the trunk moves it too far from its best', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await build();
    const perTask = { patience: 3, drift: 0.02 };
    const events = await lastValueFrom(train(network, { ...stopping, stop: { perTask } }).pipe(toArray()));
    const [drift, ...others] = ofKind(events, 'drift');
    expect(others).toEqual([]);
    expect(drift).toMatchObject({ task: 'noise', metric: 'absolute-error' });
    expect(drift!.distance).toBeGreaterThan(0.02);
    expect(ofKind(events, 'return')).toEqual([]);
    expect(warned.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^Task "noise" has stopped, and at step 35 its absolute-error is [\d.]+, [\d.]+ % away from its best, [\d.]+ at step 15: the trunk has gone on without it\. Expected at most 2 %\. Let it come back \(stop\.perTask\.return\)/,
        ),
        'BanyanWarning',
      ],
    ]);
    network.dispose();
  });

  it('comes back where that is wanted, with new patience and a new best', async () => {
    const network = await build();
    const perTask = { patience: 3, drift: 0.02, return: true };
    const seen = await watch(network, { ...stopping, stop: { perTask } }, () => weightsOf(network, ...NOISE));
    const events = seen.map(({ event }) => event);
    const [first, second] = ofKind(events, 'stop').filter(({ task }) => task === 'noise');
    const back = ofKind(events, 'return').find(({ task }) => task === 'noise')!;
    expect(back.step).toBeGreaterThan(first!.step);
    expect(back).toMatchObject({ best: first!.best, bestStep: first!.bestStep });
    expect(back.distance).toBeGreaterThan(0.02);
    expect(ofKind(events, 'drift').filter(({ task }) => task === 'noise')).toEqual([]);
    expect(second!.step).toBeGreaterThanOrEqual(back.step + 20);
    expect(second!.bestStep).toBeGreaterThan(back.step);
    // Batches of the two steps that follow were drawn without it.
    const steps = ofKind(events, 'step');
    const drawn = (step: number) => steps[step - 1]!.drawn ?? ['noise', 'rule'];
    expect(drawn(back.step + 2)).not.toContain('noise');
    for (let step = back.step + 3; step <= second!.step; step++) expect(drawn(step)).toContain('noise');
    const at = (step: number) => seen.find(({ event }) => event.kind === 'step' && event.step === step)!.seen;
    expect(at(back.step + 2)).toEqual(at(first!.step + 1));
    expect(at(back.step + 3)).not.toEqual(at(first!.step + 1));
    network.dispose();
  });

  it('leaves no tensor behind', async () => {
    const network = await build();
    const perTask = { patience: 2, drift: 0.02, return: true };
    const run = () => lastValueFrom(train(network, { ...stopping, steps: 50, stop: { perTask } }).pipe(toArray()));
    expect(ofKind(await run(), 'stop').length).toBeGreaterThan(0);
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it.each(inTurn([{ balance: 'pcgrad' }, { balance: 'famo' }, { accumulate: 2 }, { balance: 'moco' }], compile, modes))(
    'leaves the steps of %o too',
    async (how) => {
      const network = await build();
      const events = await lastValueFrom(train(network, { ...stopping, steps: 60, ...how }).pipe(toArray()));
      const stop = ofKind(events, 'stop')[0]!;
      expect(stop.step).toBeLessThan(60);
      const after = ofKind(events, 'step').filter(({ step }) => step > stop.step);
      expect(after.length).toBeGreaterThan(0);
      for (const { drawn } of after) expect(drawn).not.toContain(stop.task);
      expect(ofKind(events, 'end')).toHaveLength(1);
      network.dispose();
    },
  );
});

describe('overfitting', () => {
  it('is told of the task that does, once, without any option', async () => {
    const network = await build();
    const events = await lastValueFrom(train(network, options).pipe(toArray()));
    const [opened, ...others] = ofKind(events, 'overfitting');
    expect(others).toEqual([]);
    expect(opened).toMatchObject({ task: 'noise' });
    const { step, since, training, validation } = opened!;
    expect(validation[1]).toBeGreaterThan(validation[0]);
    expect(training[1]).toBeLessThan(training[0]);
    // Means of four evaluations, and of the labelled examples of the steps between two of them.
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const losses = ofKind(events, 'evaluation').map(({ metrics }) => metrics.noise!.loss!);
    const steps = ofKind(events, 'step').map((event) => event.losses.noise!);
    for (const [i, end] of [since, step].entries()) {
      expect(validation[i]).toBeCloseTo(mean(losses.slice(end / 5 - 4, end / 5)), 10);
      expect(training[i]).toBeCloseTo(mean(steps.slice(end - 20, end)), 10);
    }
    network.dispose();
  });
});

describe('tasks that share a stem', () => {
  it('keep it in the steps until the last of them stops, which takes it back to its best', async () => {
    const first = noise();
    // The same examples and stem, and a rule in them that is not noise.
    const targets = { ...first, name: 'other' as const, head: rule().head };
    const network = await build([first, { ...targets, source: first.source }]);
    const { body } = internals(network);
    expect(body.task('other').input).toBe(body.task('noise').input);
    const stop = { perTask: { patience: 2, metric: 'loss', drift: 9 } };
    const seen = await watch(network, { ...options, steps: 100, stop }, () => ({
      stem: weightsOf(network, 'stem/noise'),
      heads: { noise: weightsOf(network, 'head/noise'), other: weightsOf(network, 'head/other') },
    }));
    const stops = ofKind(
      seen.map(({ event }) => event),
      'stop',
    );
    const at = (kind: string, step: number) =>
      seen.find(({ event }) => event.kind === kind && event.step === step)!.seen;
    const last = stops.at(-1)!;
    const early = stops[0]!;
    expect(stops).toHaveLength(2);
    expect(at('stop', last.step).stem).toEqual(at('evaluation', last.bestStep).stem);
    if (early.step < last.step) {
      expect(at('stop', early.step).stem).toEqual(at('step', early.step).stem);
      expect(at('step', early.step + 1).stem).not.toEqual(at('step', early.step).stem);
    }
    for (const { task, step, bestStep } of stops)
      expect(at('stop', step).heads[task as 'noise']).toEqual(at('evaluation', bestStep).heads[task as 'noise']);
    network.dispose();
  });
});
