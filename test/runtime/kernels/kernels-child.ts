// Holds each kernel against TensorFlow's own operations, for the instruction set in BANYAN_KERNELS and the threads in THREADS;
// prints the set, the largest error of each kernel, and a digest of all that the kernels gave.
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { flagAttributes, operation, operations, realAttributes, startRuntime } from '../../../src/runtime/index.ts';
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

const intAttributes = (numbers: Readonly<Record<string, number>>) =>
  Object.entries(numbers).map(([name, value]) => ({ name, type: 1, value }));

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
  const none = tf.tensor1d([]);
  const given = [x, w, biased ? b : none];
  const y = operation('BanyanLinear', [...given, none], flagAttributes({ rectified }));
  compare('BanyanLinear', [y], [f(x, w, b)]);
  if (!rectified)
    compare(
      'BanyanLinear',
      [operation('BanyanLinear', [...given, dy], flagAttributes({ rectified }))],
      [f(x, w, b).add(dy)],
    );
  const affine = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D).add(b);
  const [, dx, dw, db] = plainly(affine, [x, w, b], dy);
  compare('BanyanLinearGradOfInput', [operation('BanyanLinearGradOfInput', [dy, w, none])], [dx!]);
  const gated = operation('BanyanLinearGradOfInput', [dy, w, x]);
  compare('BanyanLinearGradOfInput', [gated], [dx!.mul(x.greater(0).cast('float32'))]);
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
  const [y, statistics] = operations('BanyanLayerNorm', [x, gain, bias], 2, realAttributes({ epsilon: 1e-5 }));
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

function convolution(
  batch: number,
  height: number,
  width: number,
  inputs: number,
  outputs: number,
  window: readonly [number, number],
  steps: readonly [number, number],
  same: boolean,
): void {
  const [x, filter, bias] = [normal(batch, height, width, inputs), normal(...window, inputs, outputs), normal(outputs)];
  const padding = same ? 'same' : 'valid';
  const f = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, [...steps], padding);
  const dy = normal(...f(x, filter).shape);
  const [y, dx, dFilter] = plainly(f, [x, filter], dy);
  const stepping = [...intAttributes({ step_down: steps[0], step_right: steps[1] }), ...flagAttributes({ same })];
  const rectified = [...stepping, ...flagAttributes({ rectified: true })];
  const unrectified = [...stepping, ...flagAttributes({ rectified: false })];
  compare('BanyanConvolution', [operation('BanyanConvolution', [x, filter, bias], rectified)], [tf.relu(y!.add(bias))]);
  compare('BanyanConvolution', [operation('BanyanConvolution', [x, filter, tf.tensor1d([])], unrectified)], [y!]);
  const sizes = (tensor: tf.Tensor) => tf.tensor1d(tensor.shape, 'int32');
  const ofInput = operation('BanyanConvolutionGradOfInput', [sizes(x), filter, dy], stepping);
  compare('BanyanConvolutionGradOfInput', [ofInput], [dx!]);
  const ofFilter = operation('BanyanConvolutionGradOfFilter', [x, sizes(filter), dy], stepping);
  compare('BanyanConvolutionGradOfFilter', [ofFilter], [dFilter!]);
}

/** The oracle adds up shifted products. */
function depthwise(
  batch: number,
  positions: number,
  width: number,
  size: number,
  dilation: number,
  share: number,
): void {
  const [x, filter, dy] = [normal(batch, positions, width), normal(size, 1, width, 1), normal(batch, positions, width)];
  const reach = (size - 1) * dilation;
  const left = Math.round(share * reach);
  const f = (x: tf.Tensor, filter: tf.Tensor) => {
    const seen = tf.pad(x, [
      [0, 0],
      [left, reach - left],
      [0, 0],
    ]);
    const terms = Array.from({ length: size }, (_, i) =>
      seen
        .slice([0, i * dilation, 0], [batch, positions, width])
        .mul(filter.slice([i, 0, 0, 0], [1, 1, width, 1]).reshape([1, 1, width])),
    );
    return tf.addN(terms);
  };
  const [y, dx, dFilter] = plainly(f, [x, filter], dy);
  const lie = intAttributes({ dilation, left });
  const inputs = [x, filter];
  compare(
    'BanyanDepthwise',
    [operation('BanyanDepthwise', inputs, [...lie, ...flagAttributes({ flipped: false })])],
    [y!],
  );
  const back = [...intAttributes({ dilation, left: reach - left }), ...flagAttributes({ flipped: true })];
  compare('BanyanDepthwise', [operation('BanyanDepthwise', [dy, filter], back)], [dx!]);
  const ofFilter = operation('BanyanDepthwiseGradOfFilter', [x, dy, filter], lie);
  compare('BanyanDepthwiseGradOfFilter', [ofFilter], [dFilter!]);
}

/** Whole numbers, so that many are equal: the first of them gets the gradient. */
function pooling(
  batch: number,
  size: readonly [number, number],
  channels: number,
  window: readonly [number, number],
  steps: readonly [number, number],
  same: boolean,
): void {
  const x = tf.relu(
    normal(batch, ...size, channels)
      .mul(3)
      .round(),
  );
  const padding = same ? 'same' : 'valid';
  const f = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, [...window], [...steps], padding);
  const shape = f(x).shape as [number, number, number, number];
  const dy = normal(...shape);
  const [y, dx] = plainly(f, [x], dy);
  const before = ([0, 1] as const).map((axis) =>
    same ? Math.floor(Math.max(0, (shape[axis + 1]! - 1) * steps[axis] + window[axis] - size[axis]) / 2) : 0,
  );
  const numbers = {
    window_height: window[0],
    window_width: window[1],
    step_down: steps[0],
    step_right: steps[1],
    top: before[0]!,
    left: before[1]!,
    height: shape[1],
    width: shape[2],
  };
  const attributes = intAttributes(numbers);
  compare('BanyanMaxPooling', [operation('BanyanMaxPooling', [x], attributes)], [y!]);
  for (const gated of [false, true]) {
    const received = operation('BanyanMaxPoolingGrad', [x, y!, dy], [...attributes, ...flagAttributes({ gated })]);
    compare('BanyanMaxPoolingGrad', [received], [gated ? dx!.mul(x.greater(0).cast('float32')) : dx!]);
  }
}

/** A token goes through `k` experts, one number of `every` through none; the oracle computes all, and weighs them by gates of 0. */
function experts(tokens: number, width: number, hidden: number, count: number, k: number, every: number): void {
  const [x, first, second] = [normal(tokens, width), normal(count, width, hidden), normal(count, hidden, width)];
  const { values, indices: chosen } = tf.topk(normal(tokens, count), Math.min(k, count));
  const places = tf.oneHot(chosen as tf.Tensor2D, count).cast('float32'); // [tokens, k, count]
  const passing = tf.range(0, tokens).mod(every).greater(0).cast('float32').expandDims(1);
  const gates = places.mul(values.expandDims(2)).sum(1).mul(passing); // [tokens, count]
  const f = (x: tf.Tensor, gates: tf.Tensor, first: tf.Tensor, second: tf.Tensor) => {
    const terms = Array.from({ length: count }, (_, e) => {
      const [into, out] = [first, second].map((kernels) => kernels.slice([e], [1]).squeeze<tf.Tensor2D>([0]));
      const wide = tf.relu(tf.matMul(x as tf.Tensor2D, into!)).mul(gates.slice([0, e], [-1, 1]));
      return tf.matMul(wide as tf.Tensor2D, out!);
    });
    return tf.addN(terms);
  };
  const dy = normal(tokens, width);
  const [y, dx, dGates, dFirst, dSecond] = plainly(f, [x, gates, first, second], dy);
  const inputs = [x, gates, chosen, first, second];
  const [mixed, kept] = operations('BanyanExperts', inputs, 2);
  compare('BanyanExperts', [mixed!], [y!]);
  const gradients = operations('BanyanExpertsGrad', [dy, ...inputs, kept!], 4);
  // A gate of 0 lets nothing through, and is not moved.
  const moved = dGates!.mul(gates.notEqual(0).cast('float32'));
  compare('BanyanExpertsGrad', gradients, [dx!, moved, dFirst!, dSecond!]);
}

/** What rows of sequences were, position by position; after each the rows of a beam change places. */
class Sequences {
  readonly length: number;
  readonly lines: Int32Array;
  #histories: tf.Tensor[][];

  constructor(rows: number, length: number) {
    this.length = length;
    this.lines = new Int32Array(rows * length);
    this.#histories = Array.from({ length: rows }, () => []);
  }

  /** Takes what each row is at this position, `[rows, width]`, and gives all that it was: `[rows, positions, width]`. */
  push(now: tf.Tensor): tf.Tensor {
    for (const [row, history] of this.#histories.entries()) history.push(now.slice([row, 0], [1, -1]));
    return tf.stack(this.#histories.map((history) => tf.concat(history, 0)));
  }

  /** Row i continues row `parents[i]`. */
  continue(at: number, parents: readonly number[]): void {
    const before = this.lines.slice();
    this.#histories = parents.map((parent) => [...this.#histories[parent]!]);
    for (const [row, parent] of parents.entries()) {
      for (let t = 0; t < at; t++) this.lines[row * this.length + t] = before[parent * this.length + t]!;
      this.lines[row * this.length + at] = parent;
    }
  }
}

/** Runs a kernel at each position of `rows` sequences; `step` gives what it gave and what was wanted. */
function positionByPosition(
  kernel: string,
  rows: number,
  length: number,
  step: (at: tf.Tensor, lines: tf.Tensor, sequences: Sequences) => readonly [tf.Tensor, tf.Tensor],
): void {
  const sequences = new Sequences(rows, length);
  for (let at = 0; at < length; at++) {
    const lines = tf.tensor2d(sequences.lines, [rows, length], 'int32');
    const [received, wanted] = step(tf.scalar(at, 'int32'), lines, sequences);
    compare(kernel, [received], [wanted]);
    const turn = at % 3;
    sequences.continue(
      at,
      Array.from({ length: rows }, (_, row) => (turn === 0 ? row : turn === 1 ? rows - 1 - row : Math.floor(row / 2))),
    );
  }
}

/** The oracle convolves the whole history, which is not cut off. */
function depthwiseAt(rows: number, length: number, width: number, size: number, dilation: number): void {
  const filter = normal(size, 1, width, 1);
  const reach = (size - 1) * dilation;
  const memory = tf.fill([rows, Math.min(length, reach + 1), width], Number.NaN); // What is left over is not looked at.
  positionByPosition('BanyanDepthwiseAt', rows, length, (at, lines, sequences) => {
    const x = normal(rows, width);
    const history = sequences.push(x);
    const seen = tf.pad(history, [
      [0, 0],
      [reach, 0],
      [0, 0],
    ]);
    const last = seen.shape[1]! - 1;
    const terms = Array.from({ length: size }, (_, i) =>
      seen
        .slice([0, last - reach + i * dilation, 0], [rows, 1, width])
        .mul(filter.slice([i], [1]).reshape([1, 1, width])),
    );
    const inputs = [x.reshape([rows, 1, width]), filter, memory, lines, at];
    return [operation('BanyanDepthwiseAt', inputs, intAttributes({ dilation })), tf.addN(terms)];
  });
}

/** Queries `[rows, width]` on keys and values `[rows, positions, 2 width]`, to `[rows, 1, width]`. */
function attended(queries: tf.Tensor, source: tf.Tensor, heads: number, offsets: tf.Tensor | number): tf.Tensor {
  const [rows, positions] = source.shape as [number, number];
  const width = queries.shape[1]!;
  const parts = tf.split(source, 2, 2).map((part) => part.reshape([rows, positions, heads, width / heads]));
  const [keys, values] = parts.map((part) => part.transpose([0, 2, 1, 3])) as [tf.Tensor, tf.Tensor];
  const scores = tf.matMul(queries.reshape([rows, heads, 1, width / heads]), keys, false, true);
  const weights = tf.softmax(scores.div(Math.sqrt(width / heads)).add(offsets)); // [rows, heads, 1, positions]
  return tf.matMul(weights, values).transpose([0, 2, 1, 3]).reshape([rows, 1, width]);
}

function attentionAt(rows: number, length: number, heads: number, size: number): void {
  const width = heads * size;
  const memory = tf.fill([rows, length, 2 * width], Number.NaN);
  positionByPosition('BanyanAttentionAt', rows, length, (at, lines, sequences) => {
    const packed = normal(rows, 3 * width);
    const history = sequences.push(packed.slice([0, width], [rows, 2 * width]));
    const inputs = [packed.reshape([rows, 3, width]), memory, lines, at];
    const queries = packed.slice([0, 0], [rows, width]);
    return [operation('BanyanAttentionAt', inputs, intAttributes({ heads })), attended(queries, history, heads, 0)];
  });
}

/** `lengths`: how many positions of each row's source are there; none means no mask. */
function sourceAttentionAt(
  rows: number,
  positions: number,
  heads: number,
  size: number,
  lengths?: readonly number[],
): void {
  const [queries, source] = [normal(rows, heads * size), normal(rows, positions, 2 * heads * size)];
  const mask = lengths?.map((length) => Array.from({ length: positions }, (_, i) => (i < length ? 1 : 0)));
  const given = mask === undefined ? tf.tensor1d([]) : tf.tensor2d(mask);
  const offsets = mask === undefined ? 0 : tf.sub(1, given).mul(-1e9).reshape([rows, 1, 1, positions]);
  const inputs = [queries.reshape([rows, 1, heads * size]), source, given];
  const mixed = operation('BanyanSourceAttentionAt', inputs, intAttributes({ heads }));
  compare('BanyanSourceAttentionAt', [mixed], [attended(queries, source, heads, offsets)]);
}

/** Few different numbers, so that many are the highest; the first symbol is padding. */
function likeliest(rows: number, symbols: number): void {
  const scores = normal(rows, symbols).mul(2).round();
  const wanted = scores
    .slice([0, 1], [rows, symbols - 1])
    .argMax(1)
    .add(tf.scalar(1, 'int32'));
  compare('BanyanLikeliest', [operation('BanyanLikeliest', [scores])], [wanted]);
}

function crossEntropy(rows: number, classes: number): void {
  const [logits, target, dy] = [normal(rows, classes).mul(5), tf.relu(normal(rows, classes)), normal(rows)];
  const f = (x: tf.Tensor) =>
    tf
      .logSoftmax(x as tf.Tensor2D)
      .mul(target)
      .sum(1)
      .neg();
  const [loss, slope] = operations('BanyanCrossEntropy', [logits, target], 2) as [tf.Tensor, tf.Tensor];
  compare('BanyanCrossEntropy', [loss, slope.mul(dy.expandDims(1))], plainly(f, [logits], dy));
}

function adam(size: number): void {
  const [w, m, g, v] = [normal(size), normal(size), normal(size), normal(size).square()];
  const [rate, epsilon] = [tf.scalar(0.1), tf.scalar(1e-4)];
  const [first, second] = [m.mul(0.9).add(g.mul(0.1)), v.mul(0.99).add(g.square().mul(0.01))];
  const expected = [w.sub(first.mul(rate).div(second.sqrt().add(epsilon))), first, second];
  const attributes = realAttributes({ beta1: Math.fround(0.9), beta2: Math.fround(0.99) });
  compare('BanyanAdam', operations('BanyanAdam', [w, m, v, g, rate, epsilon], 3, attributes), expected);
}

function sumOfSquares(sizes: readonly number[]): void {
  const tensors = sizes.map((size) => normal(size));
  const expected = tf.addN(tensors.map((tensor) => tensor.square().sum()));
  compare(
    'BanyanSumOfSquares',
    [operation('BanyanSumOfSquares', tensors, intAttributes({ N: tensors.length }))],
    [expected],
  );
}

/** What is not finite must show: the gate of a step looks at losses and gradients. */
function notFinite(spoil: number): void {
  const spoilt = (...shape: number[]) => {
    const values = normal(...shape).dataSync();
    values[0] = spoil;
    return tf.tensor(values, shape);
  };
  const [w, b] = [normal(20, 20), normal(20)];
  const attributes = realAttributes({ epsilon: 1e-5 });
  const stepping = [...intAttributes({ step_down: 1, step_right: 1 }), ...flagAttributes({ same: true })];
  const sizes = tf.tensor1d([3, 3, 20, 20], 'int32');
  const spoiltPictures = spoilt(1, 8, 8, 20);
  const pictures = normal(1, 8, 8, 20);
  const all = [
    operation(
      'BanyanConvolution',
      [spoiltPictures, normal(3, 3, 20, 20), b],
      [...stepping, ...flagAttributes({ rectified: true })],
    ),
    operation(
      'BanyanConvolutionGradOfInput',
      [tf.tensor1d(pictures.shape, 'int32'), normal(3, 3, 20, 20), spoiltPictures],
      stepping,
    ),
    operation('BanyanConvolutionGradOfFilter', [pictures, sizes, spoiltPictures], stepping),
    operations('BanyanCrossEntropy', [spoilt(40, 20), tf.ones([40, 20])], 2)[0]!, // The slope at -Infinity is finite.
    operation('BanyanSumOfSquares', [spoilt(3, 20), w], intAttributes({ N: 2 })),
    operation('BanyanLinear', [spoilt(40, 20), w, b, tf.tensor1d([])], flagAttributes({ rectified: true })),
    operation('BanyanLinearGradOfInput', [spoilt(40, 20), w, tf.tensor1d([])]),
    ...operations('BanyanLinearGradOfKernel', [normal(40, 20), spoilt(40, 20)], 2),
    operation(
      'BanyanDepthwise',
      [spoilt(2, 9, 20), normal(3, 1, 20, 1)],
      [...intAttributes({ dilation: 1, left: 1 }), ...flagAttributes({ flipped: false })],
    ),
    operation(
      'BanyanDepthwiseGradOfFilter',
      [normal(2, 9, 20), spoilt(2, 9, 20), normal(3, 1, 20, 1)],
      intAttributes({ dilation: 1, left: 0 }),
    ),
    ...operations('BanyanLayerNorm', [spoilt(40, 20), b, b], 2, attributes),
    ...operations('BanyanLayerNormGrad', [spoilt(40, 20), normal(40, 20), b, normal(40, 2)], 3),
    ...operations('BanyanAttention', [spoilt(1, 20, 3, 2, 4), tf.tensor1d([])], 2),
    operation(
      'BanyanDepthwiseAt',
      [spoilt(2, 1, 20), normal(3, 1, 20, 1), normal(2, 3, 20), tf.zeros([2, 3], 'int32'), tf.scalar(0, 'int32')],
      intAttributes({ dilation: 1 }),
    ),
    operation(
      'BanyanAttentionAt',
      [spoilt(2, 3, 8), normal(2, 3, 16), tf.zeros([2, 3], 'int32'), tf.scalar(0, 'int32')],
      intAttributes({ heads: 2 }),
    ),
    operation(
      'BanyanSourceAttentionAt',
      [spoilt(2, 1, 8), normal(2, 5, 16), tf.tensor1d([])],
      intAttributes({ heads: 2 }),
    ),
    operation('BanyanAttentionGrad', [
      spoilt(1, 20, 2, 4),
      normal(1, 20, 3, 2, 4),
      tf.tensor1d([]),
      normal(1, 20, 2, 2),
    ]),
  ];
  for (const [i, tensor] of all.entries())
    if (tensor.dataSync().every((value) => Number.isFinite(value))) throw new Error(`${spoil} is lost in output ${i}`);
}

/** Numbers near the ends of float32's range, whose product is an ordinary one. */
function extremes(): void {
  const [x, w, b] = [tf.randomUniform([64, 40], -3.4e38, 3.4e38, 'float32', 1), normal(40, 40).mul(1e-30), normal(40)];
  const y = operation('BanyanLinear', [x, w, b, tf.tensor1d([])], flagAttributes({ rectified: false }));
  compare('BanyanLinear', [y], [tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D).add(b)]);
}

/** Numbers below the smallest whole one of float32 (2^-126), or with only their last bits there, beside ordinary ones. */
function tiny(): void {
  const scales = [1, 1e-36, 1, 1e-41, 1e-36, 1];
  const scaled = (rows: number, width: number) => {
    const values = normal(rows, width).dataSync();
    return tf.tensor2d(
      values.map((value, i) => value * scales[Math.floor(i / width) % scales.length]!),
      [rows, width],
    );
  };
  const [x, w, dy] = [normal(2000, 128), scaled(128, 384), scaled(2000, 384)]; // Enough for several threads.
  const expected = tf.matMul(x as tf.Tensor2D, dy as tf.Tensor2D, true, false);
  compare('BanyanLinearGradOfKernel', operations('BanyanLinearGradOfKernel', [x, dy], 2), [expected, dy.sum(0)]);
  const none = tf.tensor1d([]);
  const y = operation('BanyanLinear', [x, w, none, none], flagAttributes({ rectified: false }));
  compare('BanyanLinear', [y], [tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)]);
  const dx = tf.matMul(dy as tf.Tensor2D, w as tf.Tensor2D, false, true);
  compare('BanyanLinearGradOfInput', [operation('BanyanLinearGradOfInput', [dy, w, none])], [dx]);
}

const size = fc.integer({ min: 1, max: 70 });
const check = <T extends unknown[]>(inputs: fc.Arbitrary<T>, run: (...inputs: T) => void) =>
  fc.assert(
    fc.property(inputs, (given) => tf.tidy(() => run(...given))),
    { seed: 1, numRuns: 25 },
  );
check(fc.tuple(fc.integer({ min: 1, max: 200 }), size, size, fc.boolean(), fc.boolean()), linear);
// Few rows, which take the weights as they lie.
check(
  fc.tuple(fc.integer({ min: 1, max: 9 }), size, fc.integer({ min: 1, max: 400 }), fc.boolean(), fc.boolean()),
  linear,
);
check(fc.tuple(fc.integer({ min: 1, max: 300 }), size), layerNorm);
check(
  fc.tuple(fc.integer({ min: 1, max: 3 }), size, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 })),
  attention,
);
const side = fc.integer({ min: 1, max: 30 });
const few = fc.integer({ min: 1, max: 5 });
const pair = fc.tuple(few, few);
// At least one window is in the picture.
const whole = fc.integer({ min: 5, max: 30 });
const channels = fc.integer({ min: 1, max: 70 });
const steps = fc.constantFrom<(readonly [number, number])[]>([1, 1], [2, 2], [1, 2], [3, 1]);
check(fc.tuple(few, whole, whole, channels, channels, pair, steps, fc.boolean()), convolution);
const pictures = fc.tuple(whole, whole);
check(fc.tuple(few, pictures, side, pair, pair, fc.boolean()), pooling);
check(fc.tuple(fc.integer({ min: 1, max: 300 }), size), crossEntropy);
check(fc.tuple(fc.integer({ min: 1, max: 300_000 })), adam);
const many = fc.integer({ min: 2, max: 9 });
check(fc.tuple(fc.integer({ min: 1, max: 300 }), size, size, many, few, fc.integer({ min: 1, max: 4 })), experts);
check(
  fc.tuple(
    few,
    size,
    size,
    fc.integer({ min: 1, max: 17 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom(0, 0.5, 1),
  ),
  depthwise,
);
check(fc.tuple(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 })), sumOfSquares);
tf.tidy(() => {
  convolution(16, 14, 14, 32, 64, [3, 3], [1, 1], true);
  convolution(3, 28, 28, 64, 40, [3, 3], [2, 2], true);
  convolution(2, 1, 100, 40, 128, [1, 5], [1, 2], true);
  convolution(1, 2, 3, 33, 5, [5, 4], [2, 3], true); // Windows larger than the pictures.
  pooling(40, [28, 28], 32, [2, 2], [2, 2], true);
  linear(1000, 128, 512, true, true);
  linear(777, 300, 130, false, true);
  linear(1300, 1100, 70, true, true);
  linear(100, 1537, 33, false, false);
  layerNorm(2000, 128);
  crossEntropy(300, 1000);
  experts(700, 96, 160, 4, 2, 7);
  depthwise(40, 70, 128, 15, 8, 1);
  depthwise(40, 70, 100, 15, 1, 0.5);
  depthwise(2, 300, 37, 15, 8, 0.5);
  depthwise(3, 1, 16, 3, 1, 1);
  attention(4, 64, 4, 32);
  attention(2, 150, 2, 16);
  attention(3, 20, 2, 16, [20, 7, 1]);
  attention(2, 100, 1, 20, [0, 100]); // Nothing is there of the first.
  depthwiseAt(4, 12, 37, 3, 2); // A memory of fewer positions than are written.
  depthwiseAt(3, 9, 64, 15, 1);
  depthwiseAt(2, 36, 16, 35, 1); // A filter of more places than are added up at a time.
  for (const [heads, size] of [
    [2, 8],
    [4, 16],
    [1, 32],
    [3, 5],
    [2, 64],
  ] as const)
    attentionAt(4, 10, heads, size);
  sourceAttentionAt(300, 64, 4, 32);
  sourceAttentionAt(3, 20, 2, 16, [20, 7, 0]);
  sourceAttentionAt(2, 9, 3, 7, [1, 9]);
  for (const symbols of [2, 9, 40, 1003]) likeliest(20, symbols);
  for (const spoil of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) notFinite(spoil);
  extremes();
  tiny();
});
console.log(JSON.stringify({ set: kernelsInUse(), errors, digest: hash.digest('hex') }));
