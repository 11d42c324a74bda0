// Holds each kernel against TensorFlow's own operations, for the instruction set in BANYAN_KERNELS and the threads in THREADS;
// prints the set, the largest error of each kernel, and a digest of all that the kernels gave.
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { epsilonAttribute, flagAttributes, operation, operations, startRuntime } from '../../../src/runtime/index.ts';
import { kernelsInUse } from '../../../src/runtime/kernels/kernels.ts';

await startRuntime({ require: 'tensorflow', threads: Number(process.env.THREADS) });

const errors: Record<string, number> = {};
const hash = createHash('sha256');

/** The largest difference, as a part of the largest number expected. */
function compare(kernel: string, received: readonly tf.Tensor[], expected: readonly tf.Tensor[]): void {
  for (const [i, tensor] of received.entries()) {
    const [a, b] = [tensor.dataSync() as Float32Array, expected[i]!.dataSync() as Float32Array];
    if (String(tensor.shape) !== String(expected[i]!.shape)) throw new Error(`${kernel}: [${tensor.shape}]`);
    hash.update(a);
    const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const apart = a.reduce((most, value, j) => Math.max(most, value === b[j] ? 0 : Math.abs(value - b[j]!)), 0);
    errors[kernel] = Math.max(errors[kernel] ?? 0, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart / largest);
  }
}

let seed = 0;
const normal = (...shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', ++seed);

/** Values of a function, and its gradients for weights of its outputs. */
function plainly(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: readonly tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  return [f(...inputs), ...tf.grads(f)([...inputs], dy)];
}

function linear(rows: number, inputs: number, outputs: number, rectified: boolean, biased: boolean): void {
  const [x, w, b, dy] = [normal(rows, inputs), normal(inputs, outputs), normal(outputs), normal(rows, outputs)];
  const f = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
    const product = tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
    const y = biased ? product.add(b) : product.add(b.mul(0));
    return rectified ? tf.relu(y) : y;
  };
  const y = operation('BanyanLinear', [x, w, biased ? b : tf.tensor1d([])], flagAttributes({ rectified }));
  compare('BanyanLinear', [y], [f(x, w, b)]);
  const affine = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D).add(b);
  const [, dx, dw, db] = plainly(affine, [x, w, b], dy);
  compare('BanyanLinearGradOfInput', [operation('BanyanLinearGradOfInput', [dy, w])], [dx!]);
  compare('BanyanLinearGradOfKernel', operations('BanyanLinearGradOfKernel', [x, dy], 2), [dw!, db!]);
  const pictures = dy.reshape([1, rows, 1, outputs]);
  compare('BanyanBiasGrad', [operation('BanyanBiasGrad', [pictures])], [db!]);
}

function layerNorm(rows: number, width: number): void {
  const [x, gain, bias, dy] = [normal(rows, width).mul(3).add(2), normal(width), normal(width), normal(rows, width)];
  const f = (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, 1, true);
    return x.sub(mean).div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
  };
  const [y, statistics] = operations('BanyanLayerNorm', [x, gain, bias], 2, [epsilonAttribute(1e-5)]);
  const [value, ...gradients] = plainly(f, [x, gain, bias], dy);
  compare('BanyanLayerNorm', [y!], [value!]);
  // Of one or two numbers nothing is left but rounding.
  if (width > 2)
    compare('BanyanLayerNormGrad', operations('BanyanLayerNormGrad', [dy, x, gain, statistics!], 3), gradients);
}

/** `lengths`: how many positions of each example are there; none means no mask. */
function attention(batch: number, positions: number, heads: number, size: number, lengths?: readonly number[]): void {
  const packed = normal(batch, positions, 3, heads, size);
  const dy = normal(batch, positions, heads, size);
  const mask = lengths?.map((length) => Array.from({ length: positions }, (_, i) => (i < length ? 1 : 0)));
  const f = (packed: tf.Tensor) => {
    const parts = tf
      .split(packed, 3, 2)
      .map((part) => part.reshape([batch, positions, heads, size]).transpose([0, 2, 1, 3]));
    const [q, k, v] = parts as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    let scores: tf.Tensor = tf.matMul(q, k, false, true).div(Math.sqrt(size));
    if (mask !== undefined)
      scores = scores.add(tf.sub(1, tf.tensor2d(mask)).mul(-1e9).reshape([batch, 1, 1, positions]));
    return tf.matMul(tf.softmax(scores) as tf.Tensor4D, v).transpose([0, 2, 1, 3]);
  };
  const given = mask === undefined ? tf.tensor1d([]) : tf.tensor2d(mask);
  const [mixed, statistics] = operations('BanyanAttention', [packed, given], 2);
  const [value, gradient] = plainly(f, [packed], dy);
  compare('BanyanAttention', [mixed!], [value!]);
  compare('BanyanAttentionGrad', [operation('BanyanAttentionGrad', [dy, packed, given, statistics!])], [gradient!]);
}

/** What is not a number must show: the gate of a step looks at losses and gradients. */
function notANumber(): void {
  const spoilt = (...shape: number[]) => {
    const values = normal(...shape).dataSync();
    values[0] = Number.NaN;
    return tf.tensor(values, shape);
  };
  const [w, b] = [normal(20, 20), normal(20)];
  const attributes = [epsilonAttribute(1e-5)];
  const all = [
    operation('BanyanLinear', [spoilt(40, 20), w, b], flagAttributes({ rectified: true })),
    operation('BanyanLinearGradOfInput', [spoilt(40, 20), w]),
    ...operations('BanyanLinearGradOfKernel', [normal(40, 20), spoilt(40, 20)], 2),
    ...operations('BanyanLayerNorm', [spoilt(40, 20), b, b], 2, attributes),
    ...operations('BanyanLayerNormGrad', [spoilt(40, 20), normal(40, 20), b, normal(40, 2)], 3),
    ...operations('BanyanAttention', [spoilt(1, 20, 3, 2, 4), tf.tensor1d([])], 2),
    operation('BanyanAttentionGrad', [
      spoilt(1, 20, 2, 4),
      normal(1, 20, 3, 2, 4),
      tf.tensor1d([]),
      normal(1, 20, 2, 2),
    ]),
  ];
  for (const [i, tensor] of all.entries())
    if (tensor.dataSync().every((value) => !Number.isNaN(value))) throw new Error(`NaN is lost in output ${i}`);
}

const size = fc.integer({ min: 1, max: 70 });
const check = <T extends unknown[]>(inputs: fc.Arbitrary<T>, run: (...inputs: T) => void) =>
  fc.assert(
    fc.property(inputs, (given) => tf.tidy(() => run(...given))),
    { seed: 1, numRuns: 25 },
  );
check(fc.tuple(fc.integer({ min: 1, max: 200 }), size, size, fc.boolean(), fc.boolean()), linear);
check(fc.tuple(fc.integer({ min: 1, max: 300 }), size), layerNorm);
check(
  fc.tuple(fc.integer({ min: 1, max: 3 }), size, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 })),
  attention,
);
tf.tidy(() => {
  linear(1000, 128, 512, true, true);
  linear(777, 300, 130, false, true);
  layerNorm(2000, 128);
  attention(4, 64, 4, 32);
  attention(2, 150, 2, 16);
  attention(3, 20, 2, 16, [20, 7, 1]);
  attention(2, 100, 1, 20, [0, 100]); // Nothing is there of the first.
  notANumber();
});
console.log(JSON.stringify({ set: kernelsInUse(), errors, digest: hash.digest('hex') }));
