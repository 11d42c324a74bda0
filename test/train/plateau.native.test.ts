// Schedules that follow the evaluations of their training.

import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  createNetwork,
  denseTrunk,
  type Network,
  reduceOnPlateau,
  resume,
  type Schedule,
  type ScheduleFollower,
  type StepEvent,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const build = (): Promise<Network> =>
  createNetwork({
    trunk: denseTrunk({ width: 8, depth: 2 }),
    tasks: [numbersTask('a'), numbersTask('b', (x) => -3 * x[0]!, { learningRate: 0.5 })],
    seed: 1,
  });
const eventsOf = (network: Network, options: TrainOptions) => lastValueFrom(train(network, options).pipe(toArray()));
const weightsOf = (network: Network) =>
  new Map(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
  );

/** Has these factors from the first step on, or from the first evaluation on. */
function scripted(trunk: number, tasks: readonly number[] | undefined, at: 'start' | 'evaluation' = 'start'): Schedule {
  const follow = (): ScheduleFollower => {
    let seen = at === 'start';
    return {
      observe: () => {
        seen = true;
      },
      get trunk() {
        return seen ? trunk : 1;
      },
      get tasks() {
        return seen ? tasks : tasks?.map(() => 1);
      },
      state: () => seen,
      restore: (state) => {
        seen = state as boolean;
      },
    };
  };
  return { kind: 'scripted', config: 'scripted', factor: () => 1, follow };
}

const plain = { batch: 16, clip: Number.POSITIVE_INFINITY, evaluateEvery: 2, seed: 3 };

describe('A schedule that follows evaluations', () => {
  it.each<Partial<TrainOptions>>([
    { compile: 'graph' },
    { compile: 'eager' },
    { accumulate: 2 },
    { balance: 'random' },
    { balance: 'upgrad' },
  ])('scales what the trunk, and what each stem and head, learns in a step: %o', async (options) => {
    const moved = async (schedule: Schedule) => {
      const network = await build();
      const before = weightsOf(network);
      await eventsOf(network, { ...plain, ...options, schedule, steps: 1, optimizer: sgd({ learningRate: 0.5 }) });
      const after = weightsOf(network);
      network.dispose();
      return new Map(
        [...after].map(([name, values]) => [name, values.map((value, i) => value - before.get(name)![i]!)]),
      );
    };
    const whole = await moved(scripted(1, undefined));
    const scaled = await moved(scripted(0.5, [0.25, 2]));
    const factors = { 'column-0': 0.5, a: 0.25, b: 2 };
    const seen = new Set<string>();
    for (const [name, values] of whole) {
      const part = Object.keys(factors).find((key) => name.includes(`${key}/`)) as keyof typeof factors;
      seen.add(part);
      for (const [i, value] of values.entries())
        expect(scaled.get(name)![i], name).toBeCloseTo(factors[part] * value, 6);
    }
    expect([...seen].sort()).toEqual(['a', 'b', 'column-0']);
    expect([...whole.values()].flat().filter((value) => Math.abs(value) > 1e-4).length).toBeGreaterThan(50);
  });

  it('sets the rate of the very next step', async () => {
    const network = await build();
    const events = train(network, { ...plain, schedule: scripted(0, undefined, 'evaluation'), steps: 5 });
    const seen: { rate: number; weights: number[] }[] = [];
    await new Promise<void>((done, fail) =>
      events.subscribe({
        next: (event) => {
          if (event.kind === 'step')
            seen.push({ rate: event.learningRate, weights: [...weightsOf(network).values()].flat() });
        },
        error: fail,
        complete: done,
      }),
    );
    network.dispose();
    expect(seen.map(({ rate }) => rate > 0)).toEqual([true, true, false, false, false]);
    expect(seen[1]!.weights).not.toEqual(seen[0]!.weights);
    expect(seen[2]!.weights).toEqual(seen[1]!.weights);
    expect(seen[4]!.weights).toEqual(seen[1]!.weights);
  });

  it.each([true, false])('goes on in a resumed training to the same bits, perTask %s', async (perTask) => {
    const schedule = reduceOnPlateau({ patience: 0, factor: 0.5, threshold: 0.05, perTask, warmup: 3 });
    const options = { ...plain, schedule, steps: 20 };
    const whole = await build();
    const all = await eventsOf(whole, options);
    const rates = all.filter((event): event is StepEvent => event.kind === 'step');
    const last = rates.at(-1)!;
    expect(last.learningRate).toBeLessThanOrEqual(2e-3);
    expect(Object.keys(last.learningRates ?? {})).toEqual(perTask ? ['a', 'b'] : []);
    const lowest = Math.min(last.learningRate, ...Object.values(last.learningRates ?? {}));
    expect(lowest).toBeLessThanOrEqual(1e-3);

    const parts = await build();
    const checkpoint = { folder: join(folder, `plateau-${perTask}`), every: 1000 };
    await eventsOf(parts, { ...options, checkpoint, stop: (event) => event.kind === 'step' && event.step === 11 });
    parts.dispose();
    const again = await build();
    const other = { ...options, checkpoint, evaluateEvery: 3 };
    await expect(lastValueFrom(resume(again, checkpoint.folder, other))).rejects.toThrow(
      'was trained with evaluateEvery = 2, and now it is 3',
    );
    const rest = await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }).pipe(toArray()));
    const told = (events: typeof all) =>
      events.flatMap((event) =>
        event.kind === 'step' && event.step > 11 ? [[event.learningRate, event.learningRates, event.losses]] : [],
      );
    expect(told(rest)).toEqual(told(all));
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, again]) network.dispose();
  });

  it('needs evaluations', async () => {
    const network = await build();
    const training = eventsOf(network, { steps: 2, batch: 4, schedule: reduceOnPlateau() });
    await expect(training).rejects.toThrow(
      'train: the schedule "plateau" follows evaluations, expected evaluateEvery, received none. Set evaluateEvery, or choose a schedule that depends on the step alone.',
    );
    network.dispose();
  });
});
