import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adamW,
  constantSchedule,
  cosineSchedule,
  createNetwork,
  denseTrunk,
  evaluate,
  exponentialSchedule,
  gallery,
  inverseSqrt,
  linearSchedule,
  type Network,
  oneCycle,
  reduceOnPlateau,
  type Schedule,
  type StepperOptions,
  scheduleFreeAdamW,
  sgd,
  stepper,
  stepSchedule,
  type TrainOptions,
  train,
  warmupCosine,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { annealed } from '../../../src/sample/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';
import { apart, gradientsOf, plain, together } from '../tasks.ts';

const folder = temporaryFolder();
const build = (tasks: AnyTask[] = apart()) =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks, seed: 1 }) as Promise<Network>;
const weightsOf = (network: Network) =>
  new Map(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
  );
const trained = (network: Network, options: Partial<TrainOptions>) =>
  lastValueFrom(train(network, { ...plain, ...options }));
const options: StepperOptions = { batch: 16, seed: 3, clip: Number.POSITIVE_INFINITY };

describe('a training by hand', () => {
  it.each<[string, () => AnyTask[], Partial<StepperOptions>]>([
    ['equal weights', apart, {}],
    ['one stem with running statistics', together, {}],
    ['micro-batches', apart, { accumulate: 2 }],
    ['a method that looks at gradients', apart, { balance: 'upgrad' }],
    ['step by step', apart, { compile: 'eager' }],
  ])('ends with the weights of train, whatever is looked at between: %s', async (_, tasks, extra) => {
    const [byHand, whole] = [await build(tasks()), await build(tasks())];
    await trained(whole, { ...extra, steps: 6 });
    const training = await stepper(byHand, { ...options, ...extra });
    for (let i = 0; i < 6; i++) {
      if (i % 2 === 0) await training.gradients();
      await training.step();
      if (i % 3 === 1) await training.evaluate();
    }
    expect(training.steps).toBe(6);
    await training.close();
    expect(weightsOf(byHand)).toEqual(weightsOf(whole));
    for (const network of [byHand, whole]) network.dispose();
  });

  it('makes each step at the rate that it is given', async () => {
    const rates = [0.1, 0, 0.05, 0.2];
    const [byHand, whole] = [await build(), await build()];
    const schedule: Schedule = { kind: 'own', config: 'own', factor: (step) => rates[step]! };
    await trained(whole, { steps: 4, schedule, optimizer: sgd({ learningRate: 1 }) });
    const training = await stepper(byHand, { ...options, optimizer: sgd({ learningRate: 7 }) });
    for (const learningRate of rates) {
      const before = weightsOf(byHand);
      const event = await training.step({ learningRate });
      expect(event.learningRate).toBe(learningRate);
      if (learningRate === 0) expect(weightsOf(byHand)).toEqual(before);
    }
    await training.close();
    expect(weightsOf(byHand)).toEqual(weightsOf(whole));
    for (const network of [byHand, whole]) network.dispose();
  });

  it.each([
    ['apart', apart],
    ['through one stem', together],
  ])('gives the gradients of the next batch: %s', async (_, tasks) => {
    const network = await build(tasks());
    const { names, rows, parts } = await gradientsOf(network);
    const training = await stepper(network, { ...options, optimizer: sgd({ learningRate: 1 }) });
    const before = weightsOf(network);
    const { losses, gradients } = await training.gradients();
    expect(weightsOf(network)).toEqual(before);
    expect(Object.keys(gradients).sort()).toEqual([...names].sort());
    for (const [k, name] of names.entries()) {
      for (const { name: variable, from, size } of parts) {
        const { shape, values } = gradients[name]![variable]!;
        expect(shape.reduce((a, b) => a * b, 1)).toBe(size);
        for (let i = 0; i < size; i++) expect(values[i], variable).toBeCloseTo(rows[k]![from + i]!, 5);
      }
    }
    const event = await training.step({ learningRate: 0.5 });
    for (const name of names) expect(event.losses[name]).toBeCloseTo(losses[name]!, 5);
    // Plain descent goes by their sum.
    const after = weightsOf(network);
    const seen = new Set(Object.values(gradients).flatMap((byName) => Object.keys(byName)));
    expect(seen.size).toBeGreaterThan(5);
    for (const variable of seen) {
      for (const [i, value] of after.get(variable)!.entries()) {
        const sum = Object.values(gradients).reduce((total, byName) => total + (byName[variable]?.values[i] ?? 0), 0);
        expect(value, variable).toBeCloseTo(before.get(variable)![i]! - 0.5 * sum, 5);
      }
    }
    await training.close();
    network.dispose();
  });

  it('saves, and goes on to the same bits', async () => {
    const checkpoints = join(folder, 'saved');
    const schedule: Schedule = { kind: 'own', config: 'own', factor: (step) => 1 / (1 + step) };
    const saving = { ...options, checkpoints, schedule, optimizer: adamW() };
    const [whole, first, second] = [await build(), await build(), await build()];
    await trained(whole, { steps: 8, schedule, optimizer: adamW() });
    const beginning = await stepper(first, saving);
    for (let i = 0; i < 3; i++) await beginning.step();
    expect(await beginning.save()).toBe(join(checkpoints, 'step-00000003'));
    await beginning.step();
    await beginning.close(); // Saves the fourth.
    expect(readdirSync(checkpoints).sort()).toEqual(['step-00000003', 'step-00000004']);
    const rest = await stepper(second, { ...saving, resume: true });
    expect(rest.steps).toBe(4);
    while (rest.steps < 8) await rest.step();
    await rest.close();
    expect(weightsOf(second)).toEqual(weightsOf(whole));
    for (const network of [whole, first, second]) network.dispose();
  });

  it('lets others look at the network between two steps, and has it for itself otherwise', async () => {
    const network = await build();
    const training = await stepper(network, options);
    await training.step();
    expect(await gallery(network)).toEqual([]);
    expect(Object.keys(await evaluate(network))).toEqual(['a', 'b', 'c']);
    await expect(trained(network, { steps: 1 })).rejects.toThrow('This network is being trained');
    // In the order in which they are asked for, without waiting.
    const [second, metrics, third] = await Promise.all([training.step(), training.evaluate(), training.step()]);
    expect([second.step, third.step]).toEqual([2, 3]);
    expect(Object.keys(metrics)).toEqual(['a', 'b', 'c']);
    const last = training.step();
    const closing = training.close();
    expect((await last).step).toBe(4);
    await closing;
    await training.close();
    await trained(network, { steps: 1 });
    network.dispose();
  });

  it('says what cannot be done', async () => {
    const network = await build();
    await expect(stepper(network, { batch: 8, schedule: reduceOnPlateau() })).rejects.toThrow(
      'stepper: the schedule "plateau" follows evaluations, expected one that depends on the step alone. Leave it out, and give step() its learningRate.',
    );
    for (const schedule of [cosineSchedule({ warmup: 9 }), linearSchedule(), oneCycle(), warmupCosine({ warmup: 3 })])
      await expect(stepper(network, { batch: 8, schedule })).rejects.toThrow(
        `stepper: the schedule "${schedule.kind}" goes over all steps, expected their number, received none. Add steps, or leave it out and give step() its learningRate.`,
      );
    await expect(stepper(network, { batch: 8, sampler: annealed() })).rejects.toThrow(
      'annealed: steps must be the step from which on it is the last where the training has no last step, received nothing.',
    );
    const alone = [stepSchedule({ every: 5 }), exponentialSchedule({ gamma: 0.9 }), inverseSqrt({ warmup: 5 })];
    for (const schedule of alone) await (await stepper(network, { batch: 8, schedule })).close();
    await (await stepper(network, { batch: 8, steps: 5, schedule: cosineSchedule(), sampler: annealed() })).close();
    await expect(stepper(network, { batch: 8, schedule: 'cosine' as never })).rejects.toThrow(
      'train: schedule must be what a function such as cosineSchedule() makes, received "cosine".',
    );
    await expect(stepper(network, { batch: 8, resume: true })).rejects.toThrow(
      'stepper: resume needs the folder checkpoints, received none. Add it.',
    );
    await expect(stepper(network, { batch: 0 })).rejects.toThrow('train: batch must be a whole number >= 1');
    const training = await stepper(network, { batch: 8, steps: 1, schedule: constantSchedule() });
    await expect(training.step({ learningRate: Number.NaN })).rejects.toThrow('stepper: step: learningRate must be');
    await training.step();
    await expect(training.step()).rejects.toThrow(
      'stepper: all 1 steps are made, expected no further one. Close it, or give more steps.',
    );
    await expect(training.save()).rejects.toThrow(
      'stepper: save needs the folder checkpoints, received none. Give one.',
    );
    await training.close();
    await expect(training.step()).rejects.toThrow('This stepper is closed, expected an open one. Make another.');
    network.dispose();
  });

  it('ends with its failure, once', async () => {
    let bad = false;
    const network = await build([numbersTask('a', (x) => (bad ? Number.NaN : x[0]!))]);
    const training = await stepper(network, { batch: 8 });
    await training.step({ learningRate: 1e30 }).catch(() => {});
    bad = true;
    const failure = await training.step({ learningRate: 1e30 }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'diverged' });
    await expect(training.evaluate()).rejects.toBe(failure);
    await training.close();
    network.dispose();
  });
});

it('shows the weights to use to whoever looks between two steps', async () => {
  const network = await build();
  const training = await stepper(network, { ...options, optimizer: scheduleFreeAdamW({ learningRate: 0.05 }) });
  for (let step = 0; step < 5; step++) await training.step({ learningRate: 0.05 });
  const trained = weightsOf(network);
  const looked = await internals(network).lease.betweenUpdates(async () => weightsOf(network));
  await training.close();
  // By now they are what the network holds.
  expect(looked).toEqual(weightsOf(network));
  expect(looked).not.toEqual(trained);
  network.dispose();
});
