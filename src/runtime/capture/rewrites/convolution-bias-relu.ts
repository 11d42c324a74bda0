import type { Node } from '../../tensorflow/graph.ts';
import type { Operation, Origin } from '../operation.ts';
import { writeConvolution } from './convolution.ts';
import type { Rewrite } from './rewrite.ts';

/** A bias after a convolution of ours becomes part of it. */
export const biasOfConvolution: Rewrite = ({ inputs, label }, graph, origin) => {
  const [sum, bias] = inputs as [Node, Node];
  const before = convolutionBehind(sum, origin);
  if (before === undefined || before.bias !== undefined) return undefined;
  return writeConvolution(graph, before.convolution, bias, false, label);
};

/** ReLU after a convolution of ours with its bias becomes part of it. */
export const reluOfConvolution: Rewrite = ({ inputs, label }, graph, origin) => {
  const before = convolutionBehind(inputs[0]!, origin);
  return before?.bias && writeConvolution(graph, before.convolution, before.bias, true, label);
};

/** The convolution by our kernel that gives a node, and the bias that is already part of it. */
function convolutionBehind(
  node: Node,
  origin: Origin,
): { readonly convolution: Operation; readonly bias?: Node } | undefined {
  const operation = node.op === 'EnsureShape' ? origin(node) : undefined;
  if (operation?.op === 'Conv2D') return { convolution: operation };
  const before = operation?.op === 'BiasAdd' ? convolutionBehind(operation.inputs[0]!, origin) : undefined;
  return before && { convolution: before.convolution, bias: operation!.inputs[1]! };
}
