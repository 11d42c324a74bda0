import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import {
  createRunner,
  flagAttributes,
  hasKernels,
  operation,
  startRuntime,
  typeAttributes,
} from '../../src/runtime/index.ts';

/** Where a system gives what it has not got, the operations would be carried out. */
const givesAll = (): boolean => readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim() === '1';

const zeros = (...shape: number[]) =>
  ({ shape, dtype: 'float32', values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;

it('an operation that finds no memory is told so, by TensorFlow and by a kernel of our own', async ({ skip }) => {
  if (!(await startRuntime()).compiled) skip('there is no C library of TensorFlow here');
  if (process.platform !== 'linux' || givesAll()) skip('this system gives memory that it has not got');
  const runner = createRunner();
  const [rows, outputs] = [1e6, 1e6];
  const product = (x: tf.Tensor, kernel: tf.Tensor) =>
    operation('MatMul', [x, kernel], typeAttributes({ transpose_a: false, transpose_b: false }));
  const linear = (x: tf.Tensor, kernel: tf.Tensor) =>
    operation('BanyanLinear', [x, kernel, tf.tensor1d([]), tf.tensor1d([])], flagAttributes({ rectified: false }));
  const run = (key: string, apply: typeof product) =>
    runner.run(
      {
        kind: 'predict',
        key: [key],
        inputs: [zeros(rows, 1), zeros(1, outputs)],
        variables: [],
        // [rows, outputs], of which a single number is wanted
        trace: ([x, kernel]) => ({ y: apply(x!, kernel!).max() }),
      },
      'graph',
    );
  await expect(run('product', product)).rejects.toMatchObject({ code: 'memory' });
  await expect(run('linear', (x, kernel) => (hasKernels() ? linear : product)(x, kernel))).rejects.toThrow(
    /^banyan_predict_\d+: there was not enough memory \(TensorFlow answered: .*OOM when allocating .*\)\. Expected what the process can have, which is at most .* GB for all that is in it\. Lower `batch` /s,
  );
  runner.dispose();
});
