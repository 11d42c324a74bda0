import { type OpAttribute, TYPE, typeAttribute as type } from '../tensorflow/attributes.ts';
import type { Graph, Node } from '../tensorflow/graph.ts';
import { BFLOAT16, FLOAT, INT32 } from '../tensorflow/types.ts';

/** `mixed`: products and convolutions in bfloat16, everything else (weights, sums, losses, updates) in float32. */
export type Precision = 'float32' | 'mixed';

/** An operation as tfjs asks for it. */
export interface Wanted {
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Node[];
  /** The beginning of the node's name. */
  readonly label: string;
}

/** Writes an operation into the graph, in the form in which TensorFlow does it best. */
export function write(graph: Graph, wanted: Wanted, precision: Precision): readonly Node[] {
  const build = (precision === 'mixed' && HALVED.has(wanted.op)) || asksForHalf(wanted) ? inHalfPrecision : asItIs;
  return isPlainProduct(wanted) ? plainProduct(graph, wanted, build) : build(graph, wanted);
}

type Build = (graph: Graph, wanted: Wanted) => readonly Node[];

const asItIs: Build = (graph, { op, attributes, inputs, label }) => graph.operation(op, attributes, inputs, label);

/** A batch of one product, or none: two matrices. */
const isPlainProduct = ({ op, inputs }: Wanted): boolean =>
  op === 'BatchMatMulV2' && inputs.every(({ shape }) => shape.length === 2 || (shape.length === 3 && shape[0] === 1));

/** tfjs takes the operation for batches of matrices also for two of them; TensorFlow's plain one is faster. */
function plainProduct(graph: Graph, { attributes, inputs, label }: Wanted, build: Build): readonly Node[] {
  const names: Record<string, string> = { adj_x: 'transpose_a', adj_y: 'transpose_b' };
  const [product] = build(graph, {
    op: 'MatMul',
    attributes: attributes.map((attribute) => ({ ...attribute, name: names[attribute.name] ?? attribute.name })),
    inputs: inputs.map((input) => reshape(graph, input, input.shape.slice(-2))),
    label,
  });
  const batched = inputs.some(({ shape }) => shape.length === 3);
  return [batched ? reshape(graph, product!, [1, ...product!.shape]) : product!];
}

function reshape(graph: Graph, node: Node, shape: readonly number[]): Node {
  if (shape.length === node.shape.length) return node;
  const target = graph.constant([shape.length], INT32, Int32Array.from(shape));
  return graph.single('Reshape', [type('T', node.dtype), type('Tshape', INT32)], [node, target]);
}

/** These have most of the arithmetic, and add up in float32 whatever they multiply. */
const HALVED = new Set([
  'MatMul',
  'BatchMatMul',
  'BatchMatMulV2',
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
]);

/** tfjs has no tensors of bfloat16: an operation of that type takes and gives float32. */
const asksForHalf = ({ attributes }: Wanted): boolean =>
  attributes.some(({ type, value }) => type === TYPE && value === BFLOAT16);

const inHalfPrecision: Build = (graph, { op, attributes, inputs, label }) => {
  const cast = (node: Node, from: number, to: number): Node =>
    node.dtype === from ? graph.single('Cast', [type('SrcT', from), type('DstT', to)], [node]) : node;
  const nodes = graph.operation(
    op,
    attributes.map((attribute) =>
      attribute.value === FLOAT && attribute.type === TYPE ? type(attribute.name, BFLOAT16) : attribute,
    ),
    inputs.map((input) => cast(input, FLOAT, BFLOAT16)),
    label,
  );
  return nodes.map((node) => cast(node, BFLOAT16, FLOAT));
};
