import { kernelsInUse } from '../kernels/kernels.ts';
import { flagAttribute, INT, type OpAttribute, SHAPE, TYPE, typeAttribute as type } from '../tensorflow/attributes.ts';
import type { Graph, Node } from '../tensorflow/graph.ts';
import { FLOAT, INT32, sizeOf } from '../tensorflow/types.ts';
import type { Operation } from './recorder.ts';
import type { Wanted } from './write.ts';

/** What asked for a node, where it is the first output of an operation. */
export type Origin = (node: Node) => Operation | undefined;

// Pixels x inputs x outputs. For larger convolutions TensorFlow's own are faster, which take as long for small ones.
const SMALL_CONVOLUTION = 1 << 23;
// Channels that a row of a tile takes; of fewer than half as many it would hold little but zeros (`WindowsOnTiles::areFor`).
const TILE = 32;

/**
 * An operation by the framework's own kernels, where these do better than TensorFlow's on a CPU: convolutions, with a bias
 * and ReLU after them in one, pooling, and residual sums. What nothing asks for any more is left out of the graph when it runs.
 */
export function writeByKernel(graph: Graph, { op, attributes, inputs, label }: Wanted, origin: Origin) {
  const [first, second, third] = inputs as [Node, Node, Node];
  const ensured = (node: Node, shape: readonly number[]) =>
    graph.operation('EnsureShape', [type('T', FLOAT), { name: 'shape', type: SHAPE, value: shape }], [node], label);
  /** Of what a gradient is for, whose sizes are an input. */
  const shaped = (node: Node, sizes: Node) =>
    graph.operation('Reshape', [type('T', FLOAT), type('Tshape', INT32)], [node, sizes], label);
  const convolution = ({ attributes, inputs: [x, filter] }: Origined, bias: Node, rectified: boolean) => {
    const stepping = steppingOf(attributes);
    const given = [...stepping.attributes, flagAttribute('rectified', rectified)];
    const made = graph.single('BanyanConvolution', given, [x!, filter!, bias], label);
    const [batch, height, width] = x!.shape as [number, number, number];
    const [down, right] = [stepping.count(height, filter!.shape[0]!, 0), stepping.count(width, filter!.shape[1]!, 1)];
    return ensured(made, [batch, down, right, filter!.shape[3]!]);
  };
  const poolingGrad = ({ attributes, inputs }: Origined, gated: boolean) => {
    const window = windowOf(attributes, inputs[0]!);
    const given = window && [...window.attributes, flagAttribute('gated', gated)];
    return given && graph.operation('BanyanMaxPoolingGrad', given, inputs, label);
  };
  const reshaped = (node: Node, shape: readonly number[]) =>
    String(node.shape) === String(shape)
      ? [node]
      : shaped(node, graph.constant([shape.length], INT32, Int32Array.from(shape)));
  const onTop = (sum: Node, residual: Node) => {
    const product = throughReshape(sum, origin);
    const linear = product.op === 'BanyanLinear' ? origin(product)! : undefined;
    const free =
      linear && attributeOf(linear.attributes, 'rectified') === false && sizeOf(linear.inputs[3]!.shape) === 0;
    if (!free || String(sum.shape) !== String(residual.shape)) return undefined;
    const given = [...linear.inputs.slice(0, 3), ...reshaped(residual, product.shape)];
    return reshaped(graph.single('BanyanLinear', linear.attributes, given, label), sum.shape);
  };
  switch (op) {
    case 'Conv2D':
      if (!isOurs(attributes, first, second.shape[3]!)) return undefined;
      return convolution({ attributes, inputs }, graph.constant([0], FLOAT, new Float32Array()), false);
    case 'BiasAdd': {
      const before = ownConvolution(first, origin);
      return before?.bias === undefined ? before && convolution(before.of, second, false) : undefined;
    }
    case 'Relu': {
      const before = ownConvolution(first, origin);
      return before?.bias && convolution(before.of, before.bias, true);
    }
    // A gradient passes ReLU where it is made, while it is near.
    case 'ReluGrad': {
      const pooled = first.op === 'BanyanMaxPoolingGrad' ? origin(first)! : undefined;
      if (pooled?.inputs[0] === second) return poolingGrad(pooled!, true);
      const before = throughReshape(first, origin);
      if (before.op !== 'BanyanLinearGradOfInput' || String(before.shape) !== String(first.shape)) return undefined;
      return graph.operation(before.op, [], [...origin(before)!.inputs.slice(0, 2), second], label);
    }
    // A residual sum, where the product is made.
    case 'Add':
    case 'AddV2':
      return onTop(first, second) ?? onTop(second, first);
    case 'Conv2DBackpropInput':
      if (!isOurs(attributes, third, second.shape[2]!)) return undefined;
      return shaped(
        graph.single('BanyanConvolutionGradOfInput', steppingOf(attributes).attributes, inputs, label),
        first,
      );
    case 'Conv2DBackpropFilter':
      if (!isOurs(attributes, first, third.shape[3]!)) return undefined;
      return shaped(
        graph.single('BanyanConvolutionGradOfFilter', steppingOf(attributes).attributes, inputs, label),
        second,
      );
    case 'MaxPool': {
      const window = windowOf(attributes, first);
      if (window === undefined) return undefined;
      const made = graph.single('BanyanMaxPooling', window.attributes, [first], label);
      return ensured(made, [first.shape[0]!, window.height, window.width, first.shape[3]!]);
    }
    case 'MaxPoolGrad':
      return poolingGrad({ attributes, inputs }, false);
    default:
      return undefined;
  }
}

/** The node of which this one is only another shape. */
function throughReshape(node: Node, origin: Origin): Node {
  let before = node;
  while (before.op === 'Reshape') {
    const made = origin(before);
    if (made?.op !== 'Reshape') return before;
    before = made.inputs[0]!;
  }
  return before;
}

const attributeOf = (attributes: readonly OpAttribute[], name: string): unknown =>
  attributes.find((attribute) => attribute.name === name)?.value;

/** Of float32, with the channels last. */
const isUsual = (attributes: readonly OpAttribute[]): boolean =>
  attributes.some((attribute) => attribute.type === TYPE && attribute.value === FLOAT) &&
  attributeOf(attributes, 'data_format') === 'NHWC';

/**
 * A convolution that the kernels do faster: a small one, or one that goes over tiles (32 channels at a time), of any size.
 * `pictures`: what is read, of which `channels` others are made.
 */
function isOurs(attributes: readonly OpAttribute[], pictures: Node, channels: number): boolean {
  const isOnes = (name: string) => (attributeOf(attributes, name) as number[]).every((value) => value === 1);
  const padding = attributeOf(attributes, 'padding');
  if (!isUsual(attributes) || !isOnes('dilations') || (padding !== 'SAME' && padding !== 'VALID')) return false;
  const read = pictures.shape[3]!;
  if (kernelsInUse() === 'amx' && 2 * read > TILE * Math.ceil(read / TILE)) return true;
  return isOnes('strides') && sizeOf(pictures.shape) * channels <= SMALL_CONVOLUTION;
}

/** How a convolution's windows step, as attributes, and how many of a size there are along an axis. */
function steppingOf(attributes: readonly OpAttribute[]) {
  const [, ...steps] = attributeOf(attributes, 'strides') as [number, number, number, number];
  const same = attributeOf(attributes, 'padding') === 'SAME';
  return {
    attributes: [
      { name: 'step_down', type: INT, value: steps[0] },
      { name: 'step_right', type: INT, value: steps[1] },
      flagAttribute('same', same),
    ],
    count: (size: number, window: number, axis: 0 | 1) => Math.ceil((same ? size : size - window + 1) / steps[axis]!),
  };
}

type Origined = Pick<Operation, 'attributes' | 'inputs'>;

/** The convolution by our kernel that gave this, and the bias added to it in the same. */
function ownConvolution(node: Node, origin: Origin): { readonly of: Origined; readonly bias?: Node } | undefined {
  const made = node.op === 'EnsureShape' ? origin(node) : undefined;
  if (made?.op === 'Conv2D') return { of: made };
  const before = made?.op === 'BiasAdd' ? ownConvolution(made.inputs[0]!, origin) : undefined;
  return before && { of: before.of, bias: made!.inputs[1]! };
}

/** The size of what pooling gives, and its window as attributes. */
function windowOf(attributes: readonly OpAttribute[], pictures: Node) {
  const sizes = (name: string) => attributeOf(attributes, name) as readonly [number, number, number, number];
  const [windows, steps] = [sizes('ksize'), sizes('strides')];
  if (!isUsual(attributes) || windows[0] !== 1 || windows[3] !== 1) return undefined;
  const padding = attributeOf(attributes, 'padding');
  if (padding !== 'SAME' && padding !== 'VALID') return undefined;
  // TensorFlow's: where the padding is odd, one more below and on the right.
  const along = (axis: 1 | 2) => {
    const [size, window, step] = [pictures.shape[axis]!, windows[axis], steps[axis]];
    const count = Math.ceil((padding === 'SAME' ? size : size - window + 1) / step);
    const added = padding === 'SAME' ? Math.max(0, (count - 1) * step + window - size) : 0;
    return { count, before: Math.floor(added / 2) };
  };
  const [down, right] = [along(1), along(2)];
  const numbers = {
    window_height: windows[1],
    window_width: windows[2],
    step_down: steps[1],
    step_right: steps[2],
    top: down.before,
    left: right.before,
    height: down.count,
    width: right.count,
  };
  return {
    height: down.count,
    width: right.count,
    attributes: Object.entries(numbers).map(([name, value]) => ({ name, type: INT, value })),
  };
}
