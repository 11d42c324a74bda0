import type * as tf from '@tensorflow/tfjs';
import { buildGraph, type Operation, type Trace } from '../capture/index.ts';
import { Graph } from '../tensorflow/graph.ts';
import type { HostTensor, Library } from '../tensorflow/index.ts';
import { RESOURCE, sizeOf } from '../tensorflow/types.ts';

interface Counted {
  readonly inputs: readonly HostTensor[];
  readonly variables: readonly tf.Variable[];
  readonly trace: Trace;
}

/** Counts multiplications with an addition each, by part of the network. Nothing is computed. */
export function multiplyAdds(library: Library, computation: Counted): ReadonlyMap<string, number> {
  const graph = new Graph(library);
  try {
    const { operations } = buildGraph(
      graph,
      // As for XLA: products as products, not inside of kernels.
      { ...computation, name: 'count', gated: false, xla: true, precision: 'float32' },
      () => graph.input(RESOURCE, []),
    );
    const counts = new Map<string, number>();
    for (const operation of operations) {
      const count = countOf(operation);
      if (count > 0) counts.set(operation.part, (counts.get(operation.part) ?? 0) + count);
    }
    return counts;
  } finally {
    graph.dispose();
  }
}

/** Each output of a product or a convolution is a sum of so many products; other operations count for nothing. */
function countOf({ op, attributes, inputs, outputs }: Operation): number {
  const outputSize = sizeOf(outputs[0]!.shape);
  const [a, b] = inputs.map(({ shape }) => shape);
  const isSet = (name: string) => attributes.some((attribute) => attribute.name === name && attribute.value === true);
  switch (op) {
    case 'MatMul':
    case 'BatchMatMul':
    case 'BatchMatMulV2':
      return outputSize * a!.at(isSet('transpose_a') || isSet('adj_x') ? -2 : -1)!;
    // The filter is [height, width, channels in, channels out], or has a depth before them.
    case 'Conv2D':
    case 'Conv3D':
      return outputSize * sizeOf(b!.slice(0, -1));
    // [height, width, channels, outputs of each].
    case 'DepthwiseConv2dNative':
      return outputSize * sizeOf(b!.slice(0, 2));
    // The transposed one, in which the third input goes through the filter backwards.
    case 'Conv2DBackpropInput':
      return sizeOf(inputs[2]!.shape) * sizeOf(b!.slice(0, 3));
    default:
      return 0;
  }
}
