import type { Node } from '../../tensorflow/graph.ts';
import { haveOneShape, type Rewrite, throughReshape } from './rewrite.ts';

/** The gradient of ReLU before a linear layer becomes part of the layer's: a gradient passes ReLU where it is made, while it is near. */
export const reluGradOfLinear: Rewrite = ({ inputs, label }, graph, origin) => {
  const [gradient, rectified] = inputs as [Node, Node];
  const product = throughReshape(gradient, origin);
  if (product.op !== 'BanyanLinearGradOfInput' || !haveOneShape(product, gradient)) return undefined;
  return graph.operation(product.op, [], [...origin(product)!.inputs.slice(0, 2), rectified], label);
};
