import { FLOAT } from '../../graph/attributes.ts';
import { constantNode, tensorOf } from '../../graph/graph-def.ts';
import type { NetworkGraph } from '../../graph/network-graph.ts';
import { contentOf, realsOf } from '../../graph/tensor.ts';

/** What stands for "never" in scores and windows. */
const NEVER = 1e9;
/** Beside it a softmax gives 1e-13, and 8 bits have room for what is not padding. */
const HARDLY = 30;

/**
 * A graph for numbers of 8 bits: where scores of padding are -1e9, they are -30. With one step from -1e9 to the largest score, all that is no
 * padding would be the same number.
 */
export const withFiniteMasks = (network: NetworkGraph): NetworkGraph => ({
  ...network,
  graph: {
    ...network.graph,
    nodes: network.graph.nodes.map((node) => {
      const tensor = tensorOf(node);
      if (tensor?.dtype !== FLOAT || network.variables.has(node.name)) return node;
      const numbers = realsOf(tensor);
      if (!numbers.some((number) => Math.abs(number) === NEVER)) return node;
      const finite = numbers.map((number) => (Math.abs(number) === NEVER ? Math.sign(number) * HARDLY : number));
      return constantNode(node.name, { ...tensor, content: contentOf(finite) });
    }),
  },
});
