import { flagAttribute } from '../../tensorflow/attributes.ts';
import type { Graph, Node } from '../../tensorflow/graph.ts';
import type { Operation } from '../operation.ts';
import { windowOf } from './max-pooling.ts';
import type { Rewrite } from './rewrite.ts';

/** The gradient of pooling by its pictures. */
export const maxPoolingGrad: Rewrite = (wanted, graph) => write(graph, wanted, false, wanted.label);

/** The gradient of ReLU before pooling becomes part of pooling's: a gradient passes ReLU where it is made, while it is near. */
export const reluGradOfMaxPooling: Rewrite = ({ inputs, label }, graph, origin) => {
  const [gradient, rectified] = inputs as [Node, Node];
  const pooling = gradient.op === 'BanyanMaxPoolingGrad' ? origin(gradient)! : undefined;
  return pooling?.inputs[0] === rectified ? write(graph, pooling!, true, label) : undefined;
};

function write(
  graph: Graph,
  { attributes, inputs }: Pick<Operation, 'attributes' | 'inputs'>,
  gated: boolean,
  label: string,
): readonly Node[] | undefined {
  const window = windowOf(attributes, inputs[0]!);
  if (window === undefined) return undefined;
  return graph.operation('BanyanMaxPoolingGrad', [...window.attributes, flagAttribute('gated', gated)], inputs, label);
}
