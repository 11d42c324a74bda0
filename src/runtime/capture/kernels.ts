import {
  flagAttribute,
  type Graph,
  INT,
  type Node,
  type OpAttribute,
  SHAPE,
  TYPE,
  typeAttribute as type,
} from '../tensorflow/graph.ts';
import { FLOAT, INT32, sizeOf } from '../tensorflow/types.ts';
import type { Operation } from './recorder.ts';
import type { Wanted } from './write.ts';

/** What asked for a node, where it is the first output of an operation. */
export type Origin = (node: Node) => Operation | undefined;

// Pixels x inputs x outputs. For larger convolutions TensorFlow's own are faster, which take as long for small ones.
const SMALL_CONVOLUTION = 1 << 23;

/**
 * An operation by the framework's own kernels, where these do better than TensorFlow's on a CPU: small convolutions with steps
 * of 1, a bias and ReLU after them in one, and pooling. What nothing asks for any more is left out of the graph when it runs.
 */
export function writeByKernel(graph: Graph, { op, attributes, inputs, label }: Wanted, origin: Origin) {
  const [first, second, third] = inputs as [Node, Node, Node];
  const convolution = (x: Node, filter: Node, bias: Node, rectified: boolean) =>
    graph.operation('BanyanConvolution', [flagAttribute('rectified', rectified)], [x, filter, bias], label);
  switch (op) {
    case 'Conv2D':
      if (!isSmall(attributes, first, second.shape.at(-1)!)) return undefined;
      return convolution(first, second, graph.constant([0], FLOAT, new Float32Array()), false);
    case 'BiasAdd': {
      const before = first.op === 'BanyanConvolution' ? origin(first) : undefined;
      if (before?.op !== 'Conv2D') return undefined;
      return convolution(before.inputs[0]!, before.inputs[1]!, second, false);
    }
    case 'Relu': {
      const after = first.op === 'BanyanConvolution' ? origin(first) : undefined;
      if (after?.op !== 'BiasAdd') return undefined;
      const before = origin(after.inputs[0]!)!;
      return convolution(before.inputs[0]!, before.inputs[1]!, after.inputs[1]!, true);
    }
    // A gradient passes ReLU right after it is made, while it is near.
    case 'ReluGrad': {
      const before = throughReshape(first, origin);
      if (before.op !== 'BanyanLinearGradOfInput' || String(before.shape) !== String(first.shape)) return undefined;
      return graph.operation(before.op, [], [...origin(before)!.inputs.slice(0, 2), second], label);
    }
    case 'Conv2DBackpropInput':
      if (!isSmall(attributes, third, second.shape[2]!)) return undefined;
      return graph.operation('BanyanConvolutionGradOfInput', [], [third, second], label);
    case 'Conv2DBackpropFilter': {
      if (!isSmall(attributes, first, third.shape.at(-1)!)) return undefined;
      const made = graph.single('BanyanConvolutionGradOfFilter', [], inputs, label);
      // Tells TensorFlow its shape.
      return graph.operation('Reshape', [type('T', FLOAT), type('Tshape', INT32)], [made, second], label);
    }
    case 'MaxPool': {
      const window = windowOf(attributes, first);
      if (window === undefined) return undefined;
      const made = graph.single('BanyanMaxPooling', window.attributes, [first], label);
      const shape = [first.shape[0]!, window.height, window.width, first.shape[3]!];
      return graph.operation(
        'EnsureShape',
        [type('T', FLOAT), { name: 'shape', type: SHAPE, value: shape }],
        [made],
        label,
      );
    }
    case 'MaxPoolGrad': {
      const window = windowOf(attributes, first);
      return window && graph.operation('BanyanMaxPoolingGrad', window.attributes, inputs, label);
    }
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

/** A convolution with steps of 1, no gaps, and padding that keeps the pictures' size. */
function isSmall(attributes: readonly OpAttribute[], pictures: Node, channels: number): boolean {
  const isOnes = (name: string) => (attributeOf(attributes, name) as number[]).every((value) => value === 1);
  if (!isUsual(attributes) || attributeOf(attributes, 'padding') !== 'SAME') return false;
  return isOnes('strides') && isOnes('dilations') && sizeOf(pictures.shape) * channels <= SMALL_CONVOLUTION;
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
