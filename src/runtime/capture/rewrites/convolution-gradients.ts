import type { Node } from '../../tensorflow/graph.ts';
import { isOurs, steppingOf } from './convolution.ts';
import { type Rewrite, reshapeBy } from './rewrite.ts';

/** The gradient of a convolution by its pictures. */
export const convolutionGradOfInput: Rewrite = ({ attributes, inputs, label }, graph) => {
  const [sizes, filter, gradient] = inputs as [Node, Node, Node];
  if (!isOurs(attributes, gradient, filter.shape[2]!)) return undefined;
  const stepping = steppingOf(attributes).attributes;
  return reshapeBy(graph, graph.single('BanyanConvolutionGradOfInput', stepping, inputs, label), sizes, label);
};

/** The gradient of a convolution by its filter. */
export const convolutionGradOfFilter: Rewrite = ({ attributes, inputs, label }, graph) => {
  const [pictures, sizes, gradient] = inputs as [Node, Node, Node];
  if (!isOurs(attributes, pictures, gradient.shape[3]!)) return undefined;
  const stepping = steppingOf(attributes).attributes;
  return reshapeBy(graph, graph.single('BanyanConvolutionGradOfFilter', stepping, inputs, label), sizes, label);
};
