import { FLOAT, typeValue } from '../graph/attributes.ts';
import { constantNode, type GraphDef, type GraphNode } from '../graph/graph-def.ts';
import type { NetworkGraph } from '../graph/network-graph.ts';
import { contentOf } from '../graph/tensor.ts';
import type { StoredWeight } from './store.ts';

/** The graph of a network whose stored weights are read back by operations. */
export const graphWithStored = ({ graph, stored }: NetworkGraph): GraphDef => ({
  ...graph,
  nodes: graph.nodes.flatMap((node) => {
    const weight = stored.get(node.name);
    return weight === undefined ? [node] : readBack(node.name, weight);
  }),
});

/** Nodes that bring a weight to float32; the last has its name. */
function readBack(name: string, { tensor, scale }: StoredWeight): readonly GraphNode[] {
  const node = (label: string, op: string, inputs: readonly string[], types: Readonly<Record<string, number>>) => ({
    name: label,
    op,
    inputs,
    attributes: new Map(Object.entries(types).map(([key, dtype]) => [key, typeValue(dtype)])),
  });
  const kept = constantNode(`${name}/stored`, tensor);
  const cast = (label: string) => node(label, 'Cast', [kept.name], { DstT: FLOAT, SrcT: tensor.dtype });
  if (scale === undefined) return [kept, cast(name)];
  const [whole, shifted] = [`${name}/whole`, `${name}/shifted`];
  const number = (label: string, value: number) =>
    constantNode(`${name}/${label}`, { dtype: FLOAT, shape: [], content: contentOf(Float32Array.of(value)) });
  const [zero, step] = [number('zero', scale.zero), number('step', scale.step)];
  return [
    kept,
    zero,
    step,
    cast(whole),
    node(shifted, 'Sub', [whole, zero.name], { T: FLOAT }),
    node(name, 'Mul', [shifted, step.name], { T: FLOAT }),
  ];
}
