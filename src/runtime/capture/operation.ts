import type { OpAttribute } from '../tensorflow/attributes.ts';
import type { Node } from '../tensorflow/graph.ts';

/** An operation of the graph, as tfjs asked for it. */
export interface Operation {
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  /** The part of the network that asked for it first. */
  readonly part: string;
}

/** Finds the operation whose first output a node is; undefined where the node is none. */
export type Origin = (node: Node) => Operation | undefined;
