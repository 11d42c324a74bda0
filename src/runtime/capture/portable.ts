import type * as tf from '@tensorflow/tfjs';
import { Graph, type Node } from '../tensorflow/graph.ts';
import type { HostTensor, Library } from '../tensorflow/index.ts';
import { RESOURCE } from '../tensorflow/types.ts';
import { buildGraph } from './build-graph.ts';
import type { Signature, Trace } from './trace.ts';

/** One of the tensors that a portable graph gives. */
export interface PortableOutput {
  readonly name: string;
  readonly node: string;
  readonly shape: readonly number[];
  /** TensorFlow's number of its type. */
  readonly dtype: number;
}

/** A computation as TensorFlow's own message, of operations that every TensorFlow has. */
export interface PortableGraph {
  /** A GraphDef (graph.proto), whose variables and large constants are nodes without a value. */
  readonly message: Uint8Array;
  /** The nodes of the inputs, in their order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly PortableOutput[];
  /** The variable behind the handle that each of these nodes gives. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /** Constants that are too large to stand in the graph, by their nodes. */
  readonly constants: ReadonlyMap<string, HostTensor>;
  /** The shapes of all that each node gives. */
  readonly shapes: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/** What a portable graph is made of: a computation whose inputs have a shape and no numbers. */
export interface Portable {
  readonly inputs: readonly Signature[];
  readonly variables: readonly tf.Variable[];
  readonly trace: Trace;
}

/**
 * Writes a computation as a graph that others can run.
 * @throws CaptureError for a computation that is no pure function of inputs and variables.
 */
export function portableGraph(library: Library, computation: Portable): PortableGraph {
  const graph = new Graph(library);
  try {
    const built = buildGraph(
      graph,
      { ...computation, name: 'portable', gated: false, xla: false, portable: true, precision: 'float32' },
      () => graph.input(RESOURCE, []),
    );
    const { variables, constants, names } = built;
    const nodes = built.inputs.map((node) => graph.nameOf(node));
    const large = nodes.slice(variables.length, variables.length + constants.length);
    return {
      message: graph.toMessage(),
      inputs: nodes.slice(variables.length + constants.length),
      outputs: built.outputs.map((node, i) => outputOf(graph, names[i]!, node)),
      variables: new Map(variables.map((variable, i) => [nodes[i]!, variable])),
      constants: new Map(large.map((node, i) => [node, constants[i]!])),
      shapes: new Map([...graph.nodes].map(([name, outputs]) => [name, outputs.map(({ shape }) => shape)])),
    };
  } finally {
    graph.dispose();
  }
}

const outputOf = (graph: Graph, name: string, node: Node): PortableOutput => ({
  name,
  node: graph.nameOf(node),
  shape: node.shape,
  dtype: node.dtype,
});
