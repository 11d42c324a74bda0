import { kernelsInUse } from '../../kernels/kernels.ts';
import { flagAttribute, INT, type OpAttribute } from '../../tensorflow/attributes.ts';
import type { Graph, Node } from '../../tensorflow/graph.ts';
import { FLOAT, sizeOf } from '../../tensorflow/types.ts';
import type { Operation } from '../operation.ts';
import { attributeOf, ensureShape, isUsual, type Rewrite } from './rewrite.ts';

/** A convolution, where our kernel is the faster one. */
export const convolution: Rewrite = (wanted, graph) => {
  const [pictures, filter] = wanted.inputs as [Node, Node];
  if (!isOurs(wanted.attributes, pictures, filter.shape[3]!)) return undefined;
  return writeConvolution(graph, wanted, graph.constant([0], FLOAT, new Float32Array()), false, wanted.label);
};

/** A convolution by our kernel, with a bias (an empty one for none) and ReLU in the same pass over its result. */
export function writeConvolution(
  graph: Graph,
  { attributes, inputs }: Pick<Operation, 'attributes' | 'inputs'>,
  bias: Node,
  rectified: boolean,
  label: string,
): readonly Node[] {
  const [pictures, filter] = inputs as [Node, Node];
  const stepping = steppingOf(attributes);
  const result = graph.single(
    'BanyanConvolution',
    [...stepping.attributes, flagAttribute('rectified', rectified)],
    [pictures, filter, bias],
    label,
  );
  const [batch, height, width] = pictures.shape as [number, number, number];
  const [down, right] = [stepping.count(height, filter.shape[0]!, 0), stepping.count(width, filter.shape[1]!, 1)];
  return ensureShape(graph, result, [batch, down, right, filter.shape[3]!], label);
}

// Pixels x inputs x outputs. For larger convolutions TensorFlow's own are faster, which take as long for small ones.
const SMALL_CONVOLUTION = 1 << 23;
// Channels that a row of a tile takes; of fewer than half as many it would hold little but zeros (`WindowsOnTiles::areFor`).
const TILE = 32;

/**
 * Tells whether the kernels do a convolution faster: a small one, or one that goes over tiles (32 channels at a time), of any size.
 * `pictures`: what is read, of which `channels` others are made.
 */
export function isOurs(attributes: readonly OpAttribute[], pictures: Node, channels: number): boolean {
  const isOnes = (name: string) => (attributeOf(attributes, name) as number[]).every((value) => value === 1);
  if (!isUsual(attributes) || !isOnes('dilations')) return false;
  const read = pictures.shape[3]!;
  if (kernelsInUse() === 'amx' && 2 * read > TILE * Math.ceil(read / TILE)) return true;
  return isOnes('strides') && sizeOf(pictures.shape) * channels <= SMALL_CONVOLUTION;
}

/** Tells how a convolution's windows step, as attributes of our kernels, and how many windows of a size there are along an axis. */
export function steppingOf(attributes: readonly OpAttribute[]) {
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
