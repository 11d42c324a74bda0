import type * as tf from '@tensorflow/tfjs';
import { typeAttribute as type } from '../tensorflow/attributes.ts';
import type { Graph, Node } from '../tensorflow/graph.ts';
import type { Pointer } from '../tensorflow/library.ts';
import { dtypeNumber, type HostDtype, type HostTensor } from '../tensorflow/types.ts';
import { writeChanges } from './changes.ts';
import { GraphRecorder } from './graph-recorder.ts';
import type { Operation } from './operation.ts';
import { PurityRecorder } from './purity-recorder.ts';
import { assertSame, byKernels, type CaptureOptions, traceOnce } from './trace.ts';

/** A computation's graph, before it becomes a function or is run by a session. */
export interface BuiltGraph {
  readonly variables: readonly tf.Variable[];
  readonly updated: readonly tf.Variable[];
  /** Handles of the variables, then the large constants, then the inputs. */
  readonly inputs: readonly Node[];
  readonly constants: readonly HostTensor[];
  readonly names: readonly string[];
  readonly outputs: readonly Node[];
  readonly effects: readonly Pointer[];
  /** What the trace asked for. */
  readonly operations: readonly Operation[];
}

/** Traces a computation twice: once into the graph, once to see that it does the same again. */
export function buildGraph(
  graph: Graph,
  options: CaptureOptions,
  newHandle: (variable: tf.Variable) => Node,
): BuiltGraph {
  const recorder = new GraphRecorder(graph, options.precision, byKernels(options));
  const handles = new Map<tf.Variable, Node>();
  const handleOf = (variable: tf.Variable): Node => {
    const handle = handles.get(variable) ?? newHandle(variable);
    handles.set(variable, handle);
    return handle;
  };
  const read = (variable: tf.Variable) =>
    graph.readVariable(handleOf(variable), dtypeNumber(variable.dtype as HostDtype), variable.shape);
  const inputs = options.inputs.map(({ shape, dtype }) => graph.input(dtypeNumber(dtype), shape));
  const ids = {
    inputs: inputs.map((node) => recorder.add(node)),
    variables: options.variables.map((variable) => recorder.add(() => read(variable))),
  };
  const first = traceOnce(recorder, options, ids);
  const purity = new PurityRecorder(recorder);
  const second = traceOnce(purity, options, ids);
  purity.end();
  assertSame(first, second);

  const names = Object.keys(first.outputs);
  const outputs = names.map((name) => {
    const node = recorder.node(first.outputs[name]!);
    return graph.single('Identity', [type('T', node.dtype)], [node], name);
  });
  const { effects, changed } = writeChanges(graph, first, outputs, options, {
    node: (id) => recorder.node(id),
    handle: (index) => handleOf(options.variables[index]!),
    value: (index) => recorder.node(ids.variables[index]!),
  });
  const large = [...recorder.large.values()];
  return {
    variables: [...handles.keys()],
    updated: [...changed].map((index) => options.variables[index]!),
    inputs: [...handles.values(), ...large.map(({ node }) => node), ...inputs],
    constants: large.map(({ tensor }) => tensor),
    names,
    outputs,
    effects,
    operations: [...recorder.operations.values()],
  };
}
