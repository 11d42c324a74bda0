import { type OpAttribute, SHAPE, TYPE, typeAttribute as type } from '../../tensorflow/attributes.ts';
import type { Graph, Node } from '../../tensorflow/graph.ts';
import { FLOAT, INT32 } from '../../tensorflow/types.ts';
import type { Origin } from '../operation.ts';
import type { Wanted } from '../write.ts';

/** A rule: it writes an operation by an own kernel and returns the outputs, or returns undefined where it does not apply. */
export type Rewrite = (wanted: Wanted, graph: Graph, origin: Origin) => readonly Node[] | undefined;

/** Finds the value of an operation's attribute. */
export const attributeOf = (attributes: readonly OpAttribute[], name: string): unknown =>
  attributes.find((attribute) => attribute.name === name)?.value;

/** Tells whether an operation on pictures is one on float32 with the channels last, padded as TensorFlow pads. */
export const isUsual = (attributes: readonly OpAttribute[]): boolean =>
  attributes.some((attribute) => attribute.type === TYPE && attribute.value === FLOAT) &&
  attributeOf(attributes, 'data_format') === 'NHWC' &&
  (attributeOf(attributes, 'padding') === 'SAME' || attributeOf(attributes, 'padding') === 'VALID');

export const haveOneShape = (a: Node, b: Node): boolean => String(a.shape) === String(b.shape);

/** Tells TensorFlow the shape of what a kernel gives, which it does not infer. */
export const ensureShape = (graph: Graph, node: Node, shape: readonly number[], label: string): readonly Node[] =>
  graph.operation('EnsureShape', [type('T', FLOAT), { name: 'shape', type: SHAPE, value: shape }], [node], label);

/** Reshapes to sizes that a node gives, such as those of what a gradient is for. */
export const reshapeBy = (graph: Graph, node: Node, sizes: Node, label: string): readonly Node[] =>
  graph.operation('Reshape', [type('T', FLOAT), type('Tshape', INT32)], [node, sizes], label);

/** Reshapes to a shape that is known. */
export const reshape = (graph: Graph, node: Node, shape: readonly number[], label: string): readonly Node[] =>
  String(node.shape) === String(shape)
    ? [node]
    : reshapeBy(graph, node, graph.constant([shape.length], INT32, Int32Array.from(shape)), label);

/** Finds the node of which this one is only another shape. */
export function throughReshape(node: Node, origin: Origin): Node {
  let before = node;
  while (before.op === 'Reshape') {
    const operation = origin(before);
    if (operation?.op !== 'Reshape') return before;
    before = operation.inputs[0]!;
  }
  return before;
}
