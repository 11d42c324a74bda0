// What networks that are disposed, and trainings that cannot begin, leave behind: nothing.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import {
  createNetwork,
  denseTrunk,
  evaluate,
  type Network,
  resume,
  sgd,
  startRuntime,
  train,
} from '../../src/index.ts';
import { openLibrary } from '../../src/runtime/tensorflow/index.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const options = { steps: 3, batch: 8, optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }) };
const newNetwork = (): Promise<Network> =>
  createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('a')] });
const { compiled } = await startRuntime();

async function trained(): Promise<WeakRef<Network>> {
  const network = await newNetwork();
  await lastValueFrom(train(network, options));
  await evaluate(network);
  network.dispose();
  return new WeakRef(network);
}

afterEach(() => vi.restoreAllMocks());

describe('a network that was trained, evaluated and disposed', () => {
  it('leaves no tensor, and nothing that holds it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { numTensors } = tf.memory();
    const network = await trained();
    expect(tf.memory().numTensors).toBe(numTensors);
    for (let i = 0; i < 10 && network.deref() !== undefined; i++) {
      await setImmediate();
      collect();
    }
    expect(network.deref()).toBeUndefined();
  });

  it.skipIf(!compiled)('leaves nothing in TensorFlow: what is made there is deleted', async () => {
    const library = openLibrary('');
    const spy = (name: keyof typeof library) => vi.spyOn(library, name as 'TF_NewGraph') as MockInstance;
    const pairs = (
      [
        [['TF_NewGraph'], 'TF_DeleteGraph'],
        [['TF_NewBuffer'], 'TF_DeleteBuffer'],
        [['TF_AllocateTensor', 'TFE_TensorHandleResolve'], 'TF_DeleteTensor'],
        [['TF_GraphToFunctionWithControlOutputs'], 'TF_DeleteFunction'],
        [['TFE_ContextAddFunction'], 'TFE_ContextRemoveFunction'],
        [['TFE_NewOp'], 'TFE_DeleteOp'],
      ] as const
    ).map(([makers, deleter]) => ({ makers: makers.map(spy), deleter: spy(deleter), what: deleter }));
    const names = spy('TFE_OpSetAttrString');
    await trained();
    for (const { makers, deleter, what } of pairs) {
      const made = makers.reduce((sum, maker) => sum + maker.mock.calls.length, 0);
      expect(made, what).toBeGreaterThan(0);
      expect(deleter.mock.calls.length, what).toBe(made);
    }
    // A kernel is kept for each operation with other attributes than those before: variables must not be told apart by theirs.
    const told = names.mock.calls.map(([, name, bytes]) => `${name}=${Buffer.from(bytes as Uint8Array)}`);
    expect(told.length).toBeGreaterThan(1);
    expect(new Set(told).size).toBe(1);
  });
});

describe('a resume that fails', () => {
  const checkpoint = { folder: join(folder, 'checkpoints'), every: 1 };

  it('leaves no tensor of the optimiser, whether settings differ or the checkpoint is damaged', async () => {
    const first = await newNetwork();
    await lastValueFrom(train(first, { ...options, checkpoint }));
    first.dispose();
    const network = await newNetwork();
    const { numTensors } = tf.memory();
    const go = (more: object) => lastValueFrom(resume(network, checkpoint.folder, { ...options, checkpoint, ...more }));
    await expect(go({ seed: 7 })).rejects.toThrow('was trained with seed = 0, and now it is 7');
    expect(tf.memory().numTensors).toBe(numTensors);
    for (const name of readdirSync(checkpoint.folder))
      writeFileSync(join(checkpoint.folder, name, 'optimizer.safetensors'), 'damaged');
    await expect(go({})).rejects.toThrow('holds no whole checkpoint');
    expect(tf.memory().numTensors).toBe(numTensors);
    network.dispose();
  });

  it('of a network that was trained before leaves it the optimiser that it had', async () => {
    const network = await newNetwork();
    await lastValueFrom(train(network, options));
    const { numTensors } = tf.memory();
    await expect(lastValueFrom(resume(network, join(folder, 'none'), options))).rejects.toThrow('no whole checkpoint');
    expect(tf.memory().numTensors).toBe(numTensors);
    network.dispose();
    expect(tf.memory().numTensors).toBeLessThan(numTensors);
  });
});

describe('a training that there is no memory for', () => {
  const two = () =>
    createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('a'), numbersTask('b')] });

  it.each([
    ['rows of a second batch', { balance: 'modo' }],
    ['rows to watch the gradients by', { compareGradientsEvery: 1, accumulate: 2 }],
  ])('%s: it is refused, and leaves no tensor', async (_, more) => {
    const network = await two();
    const { numTensors } = tf.memory();
    const available = vi.spyOn(process as unknown as { availableMemory(): number }, 'availableMemory');
    available.mockReturnValue(0);
    if ('balance' in more) available.mockReturnValueOnce(2 ** 40);
    await expect(lastValueFrom(train(network, { ...options, ...more }))).rejects.toThrow("the tasks' gradients need");
    expect(tf.memory().numTensors).toBe(numTensors);
    network.dispose();
  });
});
