import type { Graph, Node } from '../../tensorflow/graph.ts';
import { sizeOf } from '../../tensorflow/types.ts';
import type { Origin } from '../operation.ts';
import { attributeOf, haveOneShape, type Rewrite, reshape, throughReshape } from './rewrite.ts';

/** A residual sum is made where the linear layer before it makes its product. */
export const residualSum: Rewrite = ({ inputs, label }, graph, origin) => {
  const [a, b] = inputs as [Node, Node];
  return addInLinear(graph, a, b, origin, label) ?? addInLinear(graph, b, a, origin, label);
};

/** Adds `residual` in the linear layer that gives `sum`, unless that has ReLU after it, or adds another one already. */
function addInLinear(
  graph: Graph,
  sum: Node,
  residual: Node,
  origin: Origin,
  label: string,
): readonly Node[] | undefined {
  const product = throughReshape(sum, origin);
  const linear = product.op === 'BanyanLinear' ? origin(product)! : undefined;
  const isFree =
    linear && attributeOf(linear.attributes, 'rectified') === false && sizeOf(linear.inputs[3]!.shape) === 0;
  if (!isFree || !haveOneShape(sum, residual)) return undefined;
  const inputs = [...linear.inputs.slice(0, 3), ...reshape(graph, residual, product.shape, label)];
  return reshape(graph, graph.single('BanyanLinear', linear.attributes, inputs, label), sum.shape, label);
}
