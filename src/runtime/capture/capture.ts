import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { withoutStrangers } from '../execute/strangers.ts';
import { tidied } from '../execute/tidied.ts';
import { kernelsInUse, withKernels } from '../kernels/kernels.ts';
import { type OpAttribute, typeAttribute as type } from '../tensorflow/attributes.ts';
import { Graph, type Node } from '../tensorflow/graph.ts';
import type { Library, Pointer } from '../tensorflow/library.ts';
import { dtypeNumber, FLOAT, type HostDtype, type HostTensor, INT32, RESOURCE } from '../tensorflow/types.ts';
import { nodeBackend } from '../tfjs-node/backend.ts';
import { CaptureError } from './fault.ts';
import { collectInPlace } from './in-place.ts';
import { GraphRecorder, type Operation, PurityRecorder, type Recorder } from './recorder.ts';
import { traceWith } from './symbolic.ts';
import type { Precision } from './write.ts';

/** Shape and type of one input. */
export interface Signature {
  readonly shape: readonly number[];
  readonly dtype: HostDtype;
}

/** A pure computation on tensors over variables, which it may assign. */
export type Trace = (inputs: readonly tf.Tensor[]) => Readonly<Record<string, tf.Tensor>>;

/** A computation as a TensorFlow function: resource handles of `variables`, `constants`, then the inputs, to the outputs. */
export interface Captured {
  readonly fn: Pointer;
  /** Those it reads or assigns, in the order of its first inputs. */
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

export interface CaptureOptions {
  readonly name: string;
  readonly inputs: readonly Signature[];
  /** All that it may read or assign. */
  readonly variables: readonly tf.Variable[];
  readonly trace: Trace;
  /** Change the variables only if all outputs are finite: one truth value in the graph. */
  readonly gated: boolean;
  /** XLA fuses element-wise updates by itself and knows no switches: it gets neither of TensorFlow's. */
  readonly xla: boolean;
  readonly precision: Precision;
}

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

/**
 * A computation as a TensorFlow function.
 * @throws CaptureError for a computation that is no pure function of inputs and variables.
 */
export function capture(library: Library, options: CaptureOptions): Captured {
  const graph = new Graph(library);
  try {
    const built = buildGraph(graph, options, () => graph.input(RESOURCE, []));
    const { variables, updated, constants, names } = built;
    const fn = graph.toFunction(options.name, built.inputs, built.outputs, built.effects);
    return { fn, variables, updated, constants, outputs: names, nodes: graph.size, bytes: graph.bytes };
  } catch (error) {
    // What TensorFlow does not take into a graph, it may still do by itself.
    if (!(error instanceof BanyanError && error.code === 'runtime')) throw error;
    throw new CaptureError(error.message, 'expected operations that go together in a graph', 'Correct them.', {
      cause: error,
    });
  } finally {
    graph.dispose();
  }
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
    const known = handles.get(variable);
    if (known !== undefined) return known;
    const handle = newHandle(variable);
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
  const changes = first.updates.size + first.inPlace.length > 0;
  const finite = options.gated && changes ? allFinite(graph, outputs) : undefined;
  const gate = finite === undefined || options.xla ? [] : [graph.onlyIf(finite)];
  const assigned = new Map<number, Pointer>();
  for (const [index, id] of first.updates) {
    let value = recorder.node(id);
    const before = recorder.node(ids.variables[index]!);
    if (finite !== undefined && options.xla)
      value = graph.single('SelectV2', [type('T', value.dtype)], [finite, value, before], 'update');
    // After the reading, which may have nothing to do with the new value.
    const after = [...gate, before.output.oper];
    const handle = handleOf(options.variables[index]!);
    assigned.set(index, graph.effect('AssignVariableOp', [type('dtype', value.dtype)], [handle, value], after));
  }
  const updates = first.inPlace.map(({ op, attributes, variables, operands }) =>
    graph.effect(
      op,
      attributes,
      [...variables.map((index) => handleOf(options.variables[index]!)), ...operands.map((id) => recorder.node(id))],
      [...gate, ...variables.flatMap((index) => assigned.get(index) ?? [])],
    ),
  );
  const effects = [...assigned.values(), ...updates];
  const changed = new Set([...assigned.keys(), ...first.inPlace.flatMap(({ variables }) => variables)]);
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

/** XLA does not know the framework's own kernels, and these compute in float32. */
const byKernels = ({ xla, precision }: CaptureOptions): boolean =>
  !xla && precision === 'float32' && kernelsInUse() !== undefined;

function allFinite(graph: Graph, outputs: readonly Node[]): Node {
  const floats = outputs.filter(({ dtype }) => dtype === FLOAT);
  const each = floats.map((node) => {
    const finite = graph.single('IsFinite', [type('T', FLOAT)], [node]);
    const axes = graph.constant([finite.shape.length], INT32, Int32Array.from(finite.shape.keys()));
    return graph.single('All', [type('Tidx', INT32)], [finite, axes]);
  });
  return each.reduce((a, b) => graph.single('LogicalAnd', [], [a, b]));
}

/** What a trace left: ids of its outputs, and of the new values by the variable's index. */
interface Traced {
  readonly outputs: Readonly<Record<string, number>>;
  readonly updates: ReadonlyMap<number, number>;
  /** What TensorFlow's own update operations do afterwards: to which variables, with what. */
  readonly inPlace: readonly {
    readonly op: string;
    readonly attributes: readonly OpAttribute[];
    readonly variables: readonly number[];
    readonly operands: readonly number[];
  }[];
}

function traceOnce(
  recorder: Recorder,
  options: CaptureOptions,
  ids: { readonly inputs: readonly number[]; readonly variables: readonly number[] },
): Traced {
  const { inputs, variables, trace, xla } = options;
  const backend = nodeBackend();
  const tensor = (id: number, { shape, dtype }: Signature) =>
    backend.createOutputTensor({ id, shape: [...shape], dtype: dtypeNumber(dtype) });
  // Others must not be assigned, and are put back where they were.
  const all = [...new Set([...variables, ...Object.values(tf.engine().registeredVariables)])];
  return tidied(true, (): Traced => {
    const before = all.map((variable) => variable.clone());
    const given = variables.map((variable, i) =>
      tensor(ids.variables[i]!, { shape: variable.shape, dtype: variable.dtype as HostDtype }),
    );
    try {
      for (const [i, variable] of variables.entries()) variable.assign(given[i]!);
      return traceWith(recorder, (idOf) => {
        const given = inputs.map((signature, i) => tensor(ids.inputs[i]!, signature));
        const work = () => withoutStrangers(variables, () => withKernels(byKernels(options), () => trace(given)));
        const { result: outputs, inPlace } = collectInPlace(!xla, work);
        const updates = new Map<number, number>();
        for (const [i, variable] of variables.entries()) {
          const id = idOf(variable);
          if (id !== ids.variables[i]) updates.set(i, id);
        }
        return {
          outputs: Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, idOf(output)])),
          updates,
          inPlace: inPlace.map(({ op, attributes, variables: changed, operands }) => ({
            op,
            attributes,
            variables: changed.map((variable) => variables.indexOf(variable)),
            operands: operands.map(idOf),
          })),
        };
      });
    } finally {
      for (const [i, variable] of all.entries()) if (variable.dataId !== before[i]!.dataId) variable.assign(before[i]!);
    }
  });
}

function assertSame(first: Traced, second: Traced): void {
  const text = ({ outputs, updates, inPlace }: Traced) => JSON.stringify([outputs, [...updates], inPlace]);
  if (text(first) === text(second)) return;
  throw new CaptureError(
    'The same inputs gave other outputs the second time',
    'expected a pure function of inputs and variables',
    'Make what changes from step to step an input.',
  );
}
