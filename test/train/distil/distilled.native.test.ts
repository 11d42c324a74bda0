import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adam, createNetwork, denseTrunk, distilled, evaluate, Network, resume, train } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import type { AnyTask } from '../../../src/task/index.ts';
import { softened } from '../../../src/train/distil/losses.ts';
import { inputs, numbersTask } from '../../fixtures.ts';
import { reversing, trunk as writingTrunk } from '../../network/writers.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const sum = numbersTask('sum');
const other = numbersTask('other', (x) => x[0]! - x[1]!);
const options = { steps: 60, batch: 32, seed: 1, optimizer: adam({ learningRate: 0.01 }) };
let teacher: Network;
beforeAll(async () => {
  teacher = (await createNetwork({
    trunk: denseTrunk({ width: 24, depth: 2 }),
    tasks: [sum, other],
    seed: 1,
  })) as Network;
  await lastValueFrom(train(teacher, options));
});
afterAll(() => teacher.dispose());

const small = denseTrunk({ width: 8, depth: 1 });
const numbers = async (network: Network, task: AnyTask) =>
  (await network.predict(task, inputs.slice(0, 40))) as number[];
const apart = (a: readonly number[], b: readonly number[]) =>
  a.reduce((total, number, i) => total + (number - b[i]!) ** 2, 0) / a.length;

// torch.nn.functional.kl_div(log_softmax(student / T), softmax(teacher / T), reduction='none').sum(1) * T * T, torch 2.
it.each([
  [1, [0.6774238348007202, 0.30224886536598206]],
  [2, [1.0781692266464233, 0.5444996356964111]],
  [4, [1.3386611938476562, 0.6040859222412109]],
] as const)('compares classes as PyTorch does, at temperature %d', async (temperature, expected) => {
  const [taught, student] = [
    tf.tensor2d([
      [1, -2, 0.5],
      [0.25, 3, -1.5],
    ]),
    tf.tensor2d([
      [0, 0.5, -1],
      [2, 2.5, 0.125],
    ]),
  ];
  const losses = tf.tidy(() => softened(student, taught, temperature));
  for (const [i, loss] of (await losses.data()).entries()) expect(loss).toBeCloseTo(expected[i]!, 5);
  tf.dispose([taught, student, losses]);
});

describe('distilled', () => {
  it('brings a smaller network to what the teacher gives, for several tasks at once', async () => {
    const before = await numbers(teacher, sum);
    const tasks = await distilled(teacher, [sum, other]);
    const student: Network = await createNetwork({ trunk: small, tasks, seed: 2 });
    const far = apart(await numbers(student, tasks[0]!), before);
    await lastValueFrom(train(student, { ...options, steps: 150 }));
    expect(apart(await numbers(student, tasks[0]!), before)).toBeLessThan(far / 10);
    expect(apart(await numbers(student, tasks[1]!), await numbers(teacher, other))).toBeLessThan(far / 10);
    // The teacher is as it was, and metrics compare with the labels.
    expect(await numbers(teacher, sum)).toEqual(before);
    const measured = await evaluate(student, { split: 'validation' });
    await student.save(join(folder, 'student'));
    const loaded: Network = await Network.load(join(folder, 'student'), { tasks: [sum, other] });
    expect(await numbers(loaded, sum)).toEqual(await numbers(student, tasks[0]!));
    const plain = await evaluate(loaded, { split: 'validation' });
    for (const task of ['sum', 'other']) expect(measured[task]!['absolute-error']).toBe(plain[task]!['absolute-error']);
    loaded.dispose();
    student.dispose();
  });

  it('is resumed to the same bits', async () => {
    const weights = async (network: Network) =>
      Promise.all(
        internals(network)
          .body.store.all()
          .map(async ({ tensor }) => [...(await tensor.data())]),
      );
    const make = async () =>
      createNetwork({ trunk: small, tasks: await distilled(teacher, [sum]), seed: 2 }) as Promise<Network>;
    const [whole, parted] = [await make(), await make()];
    await lastValueFrom(train(whole, { ...options, steps: 6 }));
    const checkpoint = { folder: join(folder, 'checkpoints'), every: 3 };
    const training = train(parted, { ...options, steps: 6, checkpoint });
    await firstValueFrom(training.pipe(filter(({ kind }) => kind === 'checkpoint')));
    await parted.idle();
    await lastValueFrom(resume(parted, checkpoint.folder, { ...options, steps: 6, checkpoint }));
    expect(await weights(parted)).toEqual(await weights(whole));
    whole.dispose();
    parted.dispose();
  });

  it('a head that writes learns to write what the teacher writes', async () => {
    const writer = (await createNetwork({ trunk: writingTrunk, tasks: [reversing], seed: 2 })) as Network;
    const [task] = await distilled(writer, [reversing as AnyTask]);
    const [example] = await (task!.source as AnyTask['source']).read('training', [0], undefined as never);
    const { output } = (example!.target as never as Record<string, { output: Float32Array }>)[reversing.name]!;
    expect([...output]).toEqual([...((await writer.predict(reversing as AnyTask, [example!.input]))[0] as number[])]);
    const student: Network = await createNetwork({ trunk: writingTrunk, tasks: [task!], seed: 5 });
    await lastValueFrom(train(student, { ...options, steps: 2 }));
    student.dispose();
    writer.dispose();
  });

  it('says what cannot be', async () => {
    await expect(distilled(teacher, [numbersTask('third')])).rejects.toThrow(
      'There is no task "third" in this network.',
    );
    await expect(distilled(teacher, [sum], { temperature: 0 })).rejects.toThrow(
      /^distilled: temperature must be a number > 0, received 0/,
    );
    const bound = { ...sum, head: Symbol('head') } as unknown as typeof sum;
    await expect(distilled(teacher, [bound])).rejects.toThrow(
      'distilled: the head of task "sum" is bound by a module, expected a function that makes it.',
    );
  });
});
