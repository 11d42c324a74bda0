import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { nodeBackend } from '../../../src/runtime/tfjs-node/backend.ts';
import { setLazyValues, setValues } from '../../../src/runtime/tfjs-node/lazy-values.ts';

const { backend: started } = await startRuntime();

describe.skipIf(started !== 'tensorflow')("tfjs-node's backend, which declares nothing", () => {
  const before = tf.memory().numTensors;
  afterAll(() => expect(tf.memory().numTensors).toBe(before));
  const backend = nodeBackend();

  it('has the members that are declared for it', () => {
    for (const name of [
      'getInputTensorIds',
      'createOutputTensor',
      'executeSingleOutput',
      'read',
      'write',
      'getDTypeInteger',
    ] as const)
      expect(backend[name], name).toBeTypeOf('function');
    for (const name of ['createTensor', 'deleteTensor', 'tensorDataSync', 'executeOp'] as const)
      expect(backend.binding[name], name).toBeTypeOf('function');
    expect(backend.binding.TF_Version).toMatch(/^\d+\.\d+/);
    expect(backend.isUsingGpuDevice).toBeTypeOf('boolean');
    expect(backend.getDTypeInteger('float32')).toBe(1);
  });

  it('keeps data by reference, with values until TensorFlow has them', () => {
    const x = tf.tensor1d([1, 2]);
    const data = backend.tensorMap.get(x.dataId);
    expect(data).toMatchObject({ shape: [2], dtype: 1, id: -1, refCount: 1 });
    expect([...data.values!]).toEqual([1, 2]);
    const y = x.clone();
    expect(data.refCount).toBe(2);
    const [id] = backend.getInputTensorIds([y]);
    expect(id).toBeGreaterThanOrEqual(0);
    expect(data).toMatchObject({ id, values: null });
    expect([...backend.binding.tensorDataSync(id!)]).toEqual([1, 2]);
    tf.dispose([x, y]);
    expect(backend.tensorMap.has(x.dataId)).toBe(false);
  });

  it('runs an operation by name on numbers of tensors', () => {
    const x = tf.tensor1d([1, 2]);
    const attributes = [{ name: 'T', type: 4, value: 1 }];
    const [output] = backend.binding.executeOp('Neg', attributes, backend.getInputTensorIds([x]), 1);
    expect(output).toMatchObject({ shape: [2], dtype: 1 });
    const y = backend.createOutputTensor(output!);
    expect([...y.dataSync()]).toEqual([-1, -2]);
    tf.dispose([x, y]);
  });

  it('asks for lazy values when they are needed, and takes others in their place', () => {
    let reads = 0;
    const x = tf.tensor1d([0, 0]);
    const data = backend.tensorMap.get(x.dataId);
    setLazyValues(data, () => {
      reads++;
      return Float32Array.of(3, 4);
    });
    expect(reads).toBe(0);
    expect([...x.dataSync()]).toEqual([3, 4]);
    expect(reads).toBeGreaterThan(0);
    setValues(data, Float32Array.of(5, 6));
    expect([...x.dataSync()]).toEqual([5, 6]);
    x.dispose();
  });
});
