import { ONNX_FLOAT, ONNX_INT32, ONNX_INT64, ONNX_TYPES } from './messages.ts';
import type { Operand } from './operand.ts';

/** Writes an operation by ONNX's operators; gives the names of its outputs. */
type Operator = (operand: Operand) => string | readonly string[];

/** Operations that ONNX has under another name, or the same. */
const SAME: Readonly<Record<string, string>> = {
  Abs: 'Abs',
  Add: 'Add',
  AddN: 'Sum',
  BiasAdd: 'Add',
  Ceil: 'Ceil',
  Cos: 'Cos',
  Elu: 'Elu',
  Equal: 'Equal',
  Erf: 'Erf',
  Exp: 'Exp',
  Floor: 'Floor',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Identity: 'Identity',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  Log: 'Log',
  LogicalAnd: 'And',
  LogicalNot: 'Not',
  LogicalOr: 'Or',
  Maximum: 'Max',
  Minimum: 'Min',
  Mul: 'Mul',
  Neg: 'Neg',
  Pow: 'Pow',
  RealDiv: 'Div',
  Reciprocal: 'Reciprocal',
  Relu: 'Relu',
  Round: 'Round',
  Select: 'Where',
  Selu: 'Selu',
  Sigmoid: 'Sigmoid',
  Sign: 'Sign',
  Sin: 'Sin',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Sub: 'Sub',
  Tanh: 'Tanh',
};

const same = Object.fromEntries(
  Object.entries(SAME).map(([ours, theirs]): [string, Operator] => [ours, (o) => o.add(theirs, o.inputs)]),
);

const reduction =
  (op: string): Operator =>
  (o) =>
    o.add(op, [o.input(0), o.longs(o.wholes(1))], { keepdims: Number(o.flag('keep_dims')) });

/** TensorFlow has channels last, ONNX after the batch. */
const channelsFirst = (o: Operand, x: string) => o.add('Transpose', [x], { perm: [0, 3, 1, 2] });
const channelsLast = (o: Operand, x: string) => o.add('Transpose', [x], { perm: [0, 2, 3, 1] });

/** Sizes of the window that goes over a picture: along each axis so many numbers, `dilation` apart. */
interface Window {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** What stands before and behind each axis, so that with `SAME` an output of n / stride comes out; ONNX's own form of that knows no small windows. */
function windowAttributes(o: Operand, { sizes, strides, dilations }: Window) {
  const lengths = o.shape(0).slice(1, 3);
  const totals = lengths.map((length, i) => {
    const reach = (sizes[i]! - 1) * dilations[i]! + 1;
    return o.word('padding') === 'SAME'
      ? Math.max(0, (Math.ceil(length / strides[i]!) - 1) * strides[i]! + reach - length)
      : 0;
  });
  const before = totals.map((total) => Math.floor(total / 2));
  return {
    kernel_shape: sizes,
    strides,
    dilations,
    pads: [...before, ...totals.map((total, i) => total - before[i]!)],
  };
}

/** `filter [channels out, channels in of a group, height, width]`. */
function convolution(o: Operand, filter: string, group: number): string {
  const attributes = windowAttributes(o, {
    sizes: o.shape(1).slice(0, 2),
    strides: o.numbers('strides').slice(1, 3),
    dilations: o.numbers('dilations').slice(1, 3),
  });
  return channelsLast(o, o.add('Conv', [channelsFirst(o, o.input(0)), filter], { ...attributes, group }));
}

function maxPooling(o: Operand): string {
  const attributes = windowAttributes(o, {
    sizes: o.numbers('ksize').slice(1, 3),
    strides: o.numbers('strides').slice(1, 3),
    dilations: [1, 1],
  });
  return channelsLast(o, o.add('MaxPool', [channelsFirst(o, o.input(0))], attributes));
}

/** A product of matrices in a batch, of which one or both are turned. */
function batchedProduct(o: Operand): string {
  const turned = (at: number, flag: string) => {
    if (!o.flag(flag)) return o.input(at);
    const axes = o.shape(at).map((_, axis) => axis);
    return o.add('Transpose', [o.input(at)], { perm: [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!] });
  };
  return o.add('MatMul', [turned(0, 'adj_x'), turned(1, 'adj_y')]);
}

/** A slice that begins somewhere, and has sizes or takes the rest of an axis (-1). */
function slice(o: Operand): string {
  const begin = o.wholes(1);
  const axes = begin.map((_, axis) => axis);
  const sizes = o.constant(2);
  const ends = sizes?.map((size, axis) => (size === -1 ? END : begin[axis]! + size));
  const end = ends === undefined ? o.add('Add', [o.longs(begin), o.sizes(2)]) : o.longs(ends);
  return o.add('Slice', [o.input(0), o.longs(begin), end, o.longs(axes)]);
}

/** Further than any axis reaches. */
const END = 2 ** 31 - 1;

/** Pairs by axis in TensorFlow, first all beginnings and then all ends in ONNX. */
const pads = (pairs: readonly number[]) => [
  ...pairs.filter((_, i) => i % 2 === 0),
  ...pairs.filter((_, i) => i % 2 === 1),
];

/** onnxruntime has it for few types: by int64 and float32, then back. */
function oneHot(o: Operand): string {
  const [indices, depth, on, off] = o.inputs as [string, string, string, string];
  const long = (value: string) => o.add('Cast', [value], { to: ONNX_INT64 });
  const inList = (value: string) => o.add('Unsqueeze', [o.add('Cast', [value], { to: ONNX_FLOAT }), o.longs([0])]);
  const values = o.add('Concat', [inList(off), inList(on)], { axis: 0 });
  const hot = o.add('OneHot', [long(indices), long(depth), values], { axis: o.number('axis') });
  return o.add('Cast', [hot], { to: ONNX_TYPES[o.number('T')]! });
}

const asInt32 = (o: Operand, value: string) => o.add('Cast', [value], { to: ONNX_INT32 });

/** How each of TensorFlow's operations that occur in predictions is written by ONNX's. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...same,
  ArgMax: (o) => asInt32(o, o.add('ArgMax', [o.input(0)], { axis: o.whole(1), keepdims: 0 })),
  BatchMatMulV2: batchedProduct,
  Cast: (o) => o.add('Cast', [o.input(0)], { to: ONNX_TYPES[o.number('DstT')]! }),
  ConcatV2: (o) => o.add('Concat', o.inputs.slice(0, -1), { axis: o.whole(-1) }),
  Conv2D: (o) => convolution(o, o.add('Transpose', [o.input(1)], { perm: [3, 2, 0, 1] }), 1),
  Cumsum: (o) =>
    o.add('CumSum', o.inputs, { exclusive: Number(o.flag('exclusive')), reverse: Number(o.flag('reverse')) }),
  DepthwiseConv2dNative: (o) => {
    const [height, width, channels, multiplier] = o.shape(1) as [number, number, number, number];
    const turned = o.add('Transpose', [o.input(1)], { perm: [2, 3, 0, 1] }); // [channels, multiplier, height, width]
    const filter = o.add('Reshape', [turned, o.longs([channels * multiplier, 1, height, width])]);
    return convolution(o, filter, channels);
  },
  ExpandDims: (o) => o.add('Unsqueeze', [o.input(0), o.longs(o.wholes(1))]),
  Fill: (o) => o.add('Expand', [o.input(1), o.sizes(0)]),
  GatherV2: (o) => o.add('Gather', [o.input(0), o.input(1)], { axis: o.whole(2) }),
  MatMul: (o) =>
    o.add('Gemm', o.inputs, { transA: Number(o.flag('transpose_a')), transB: Number(o.flag('transpose_b')) }),
  Max: reduction('ReduceMax'),
  MaxPool: maxPooling,
  Mean: reduction('ReduceMean'),
  Min: reduction('ReduceMin'),
  NotEqual: (o) => o.add('Not', [o.add('Equal', o.inputs)]),
  OneHot: oneHot,
  Pack: (o) => {
    const axis = o.number('axis');
    const parts = o.inputs.map((value) => o.add('Unsqueeze', [value, o.longs([axis])]));
    return o.add('Concat', parts, { axis });
  },
  PadV2: (o) => o.add('Pad', [o.input(0), o.longs(pads(o.wholes(1))), o.input(2)]),
  Prod: reduction('ReduceProd'),
  Range: (o) => o.add('Range', o.inputs),
  Reshape: (o) => o.add('Reshape', [o.input(0), o.sizes(1)]),
  Rsqrt: (o) => o.add('Reciprocal', [o.add('Sqrt', o.inputs)]),
  Shape: (o) => asInt32(o, o.add('Shape', o.inputs)),
  Slice: slice,
  Softmax: (o) => o.add('Softmax', [o.input(0)], { axis: -1 }),
  SplitV: (o) => {
    const sizes = o.wholes(1);
    return o.several('Split', [o.input(0), o.longs(sizes)], sizes.length, { axis: o.whole(2) });
  },
  Square: (o) => o.add('Mul', [o.input(0), o.input(0)]),
  // The one in these graphs takes a number out of a shape.
  StridedSlice: (o) => o.add('Squeeze', [o.add('Slice', [o.input(0), o.longs(o.wholes(1)), o.longs(o.wholes(2))])]),
  Sum: reduction('ReduceSum'),
  Tile: (o) => o.add('Tile', [o.input(0), o.sizes(1)]),
  TopKV2: (o) => {
    const [values, indices] = o.several('TopK', [o.input(0), o.longs([o.whole(1)])], 2);
    return [values!, asInt32(o, indices!)];
  },
  Transpose: (o) => o.add('Transpose', [o.input(0)], { perm: o.wholes(1) }),
  Unpack: (o) => {
    const axis = o.number('axis');
    const count = o.number('num');
    const parts = o.several('Split', [o.input(0), o.longs(Array.from({ length: count }, () => 1))], count, { axis });
    return parts.map((part) => o.add('Squeeze', [part, o.longs([axis])]));
  },
};
