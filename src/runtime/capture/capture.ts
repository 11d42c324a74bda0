import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { Graph } from '../tensorflow/graph.ts';
import type { Library, Pointer } from '../tensorflow/library.ts';
import { type HostTensor, RESOURCE } from '../tensorflow/types.ts';
import { buildGraph } from './build-graph.ts';
import { CaptureError } from './fault.ts';
import type { CaptureOptions } from './trace.ts';

/** A computation as a TensorFlow function: resource handles of `variables`, `constants`, then the inputs, to the outputs. */
export interface Captured {
  readonly fn: Pointer;
  /** The variables that it reads or assigns, in the order of its first inputs. */
  readonly variables: readonly tf.Variable[];
  readonly updated: readonly tf.Variable[];
  /** Tensors from outside that are too large to stand in the graph. */
  readonly constants: readonly HostTensor[];
  /** Names of the outputs, in order. */
  readonly outputs: readonly string[];
  /** Operations in the graph, and its bytes as a message. */
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * Makes a TensorFlow function of a computation.
 * @throws CaptureError for a computation that is no pure function of inputs and variables.
 */
export function capture(library: Library, options: CaptureOptions): Captured {
  const graph = new Graph(library);
  try {
    const built = buildGraph(graph, options, () => graph.input(RESOURCE, []));
    const { variables, updated, constants, names } = built;
    const fn = graph.toFunction(options.name, built.inputs, built.outputs, built.effects);
    return { fn, variables, updated, constants, outputs: names, nodes: graph.size, bytes: graph.toMessage().length };
  } catch (error) {
    // What TensorFlow does not take into a graph, it may still do by itself.
    if (!(error instanceof BanyanError && error.code === 'runtime')) throw error;
    throw new CaptureError(
      error.message,
      'expected operations that go together in a graph',
      'Use others in the part that is named.',
      {
        cause: error,
      },
    );
  } finally {
    graph.dispose();
  }
}
