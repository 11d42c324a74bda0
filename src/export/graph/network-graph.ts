import type * as tf from '@tensorflow/tfjs';
import { type BuiltTask, isWriting, type NetworkBody } from '../../network/index.ts';
import type { HostTensor, PortableGraph } from '../../runtime/index.ts';
import type { StoredWeight } from '../quantise/store.ts';
import { type AnyBatchGraph, BATCHES, forAnyBatch } from './any-batch.ts';
import { BOOL, FLOAT, INT32 } from './attributes.ts';
import {
  type FunctionInput,
  inputsOf,
  type NetworkFunction,
  predictFunction,
  readFunction,
  writeFunction,
} from './functions.ts';
import { constantNode, type GraphDef, type GraphNode, inputOf } from './graph-def.ts';
import { contentOf, type Tensor } from './tensor.ts';

/** A tensor that goes into an exported function, or comes out of it. */
export interface NamedTensor {
  readonly name: string;
  readonly node: string;
  /** -1 is a batch of any size. */
  readonly shape: readonly number[];
  /** TensorFlow's number of its type. */
  readonly dtype: number;
}

/** What an exported function takes and gives, all by names. */
export interface Signature {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  /** Computes the same in the network. */
  readonly trace: NetworkFunction['trace'];
}

/** The functions of a network's tasks in one graph, for any batch; weights that they share are in it once. */
export interface NetworkGraph {
  readonly graph: GraphDef;
  readonly signatures: readonly Signature[];
  /** The variable behind each node that holds weights. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /** Weights that are stored in fewer bits, by the names of their nodes. */
  readonly stored: ReadonlyMap<string, StoredWeight>;
  /** The shapes of all that each node gives. */
  readonly shapes: ReadonlyMap<string, readonly (readonly number[])[]>;
}

/**
 * Writes tasks of a network as one graph. `prepared`: examples of each task as its stems take them.
 * @throws BanyanError `capture` for what depends on the size of the batch, and for what is no pure function.
 */
export async function networkGraph(
  body: NetworkBody,
  tasks: readonly { readonly task: BuiltTask; readonly prepared: readonly HostTensor[] }[],
): Promise<NetworkGraph> {
  const joined = new Joined(await weightsOf(body));
  for (const { task, prepared } of tasks) {
    const inputs = inputsOf(task, prepared);
    if (isWriting(task)) {
      const read = await joined.add(body, readFunction(body, task, inputs));
      await joined.add(body, writeFunction(body, task, read.outputs[0]!.shape.slice(1)));
    } else await joined.add(body, predictFunction(body, task, inputs));
  }
  const { graph, signatures, variables, shapes } = joined;
  return { graph, signatures, variables, shapes, stored: new Map() };
}

/** By variable: the name of its node, and its numbers. */
type Weights = ReadonlyMap<object, readonly [name: string, tensor: HostTensor]>;

async function weightsOf({ store, runner }: NetworkBody): Promise<Weights> {
  const variables = store.all();
  const values = await runner.exclusive(() => Promise.all(variables.map(({ tensor }) => tensor.data())));
  return new Map(
    variables.map(({ name, tensor }, i) => [
      tensor,
      [`weights/${name}`, { shape: tensor.shape, dtype: 'float32', values: Float32Array.from(values[i]!) }],
    ]),
  );
}

class Joined implements Omit<NetworkGraph, 'stored'> {
  readonly signatures: Signature[] = [];
  readonly variables = new Map<string, tf.Variable>();
  readonly shapes = new Map<string, readonly (readonly number[])[]>();
  readonly #values: Weights;
  readonly #nodes = new Map<string, GraphNode>();
  #versions = new Uint8Array();

  constructor(values: Weights) {
    this.#values = values;
  }

  get graph(): GraphDef {
    return { nodes: [...this.#nodes.values()], versions: this.#versions };
  }

  async add(body: NetworkBody, work: NetworkFunction): Promise<Signature> {
    const [first, second] = [await traceFor(body, work, BATCHES[0]), await traceFor(body, work, BATCHES[1])];
    const traced = forAnyBatch(first, second);
    this.#versions = traced.graph.versions as Uint8Array<ArrayBuffer>;
    const names = namesOf(work, traced);
    const numbers: Map<string, Tensor> = new Map();
    for (const node of traced.graph.nodes) {
      const found = this.#numbersOf(node, traced);
      if (found === undefined) continue;
      const [name, tensor] = found;
      if (name !== undefined) names.set(node.name, name);
      numbers.set(node.name, tensor);
    }
    const withNames = (name: string) => names.get(name) ?? `${work.name}/graph/${name}`;
    for (const node of reached(traced)) {
      const name = withNames(node.name);
      const tensor = numbers.get(node.name);
      this.shapes.set(name, traced.shapes.get(node.name) ?? []);
      if (this.#nodes.has(name)) continue;
      const inputs = node.inputs.map((input) => {
        const { name: from, output } = inputOf(input);
        return output === 0 ? withNames(from) : `${withNames(from)}:${output}`;
      });
      this.#nodes.set(name, tensor === undefined ? { ...node, name, inputs } : constantNode(name, tensor));
    }
    const signature = signatureOf(work, traced, withNames);
    this.signatures.push(signature);
    return signature;
  }

  /** Gives the numbers behind a node that reads a variable, with the variable's name, and those of a large constant. */
  #numbersOf({ name, op, inputs }: GraphNode, { variables, constants }: AnyBatchGraph) {
    const variable = op === 'ReadVariableOp' ? variables.get(inputOf(inputs[0]!).name) : undefined;
    if (variable !== undefined) {
      const [weight, tensor] = this.#values.get(variable)!;
      this.variables.set(weight, variable);
      return [weight, asTensor(tensor)] as const;
    }
    const constant = constants.get(name);
    return constant === undefined ? undefined : ([undefined, asTensor(constant)] as const);
  }
}

const DTYPES = { float32: FLOAT, int32: INT32, bool: BOOL } as const;

const asTensor = ({ shape, dtype, values }: HostTensor): Tensor => ({
  dtype: DTYPES[dtype],
  shape,
  content: contentOf(values),
});

const traceFor = (body: NetworkBody, { inputs, trace }: NetworkFunction, batch: number): Promise<PortableGraph> =>
  body.runner.portable({
    inputs: inputs.map(({ shape, dtype }) => ({ shape: [batch, ...shape], dtype })),
    variables: body.store.all().map(({ tensor }) => tensor),
    trace,
  });

/** The names that inputs and outputs have in the whole graph, by those in the function's own. */
const namesOf = ({ name, inputs }: NetworkFunction, traced: AnyBatchGraph): Map<string, string> =>
  new Map([
    ...traced.inputs.map((node, i) => [node, `${name}/inputs/${inputs[i]!.name}`] as const),
    ...traced.outputs.map((output) => [output.node, `${name}/outputs/${output.name}`] as const),
  ]);

const signatureOf = (
  { name, task, inputs, trace }: NetworkFunction,
  traced: AnyBatchGraph,
  withNames: (node: string) => string,
): Signature => ({
  name,
  task,
  trace,
  inputs: inputs.map(({ name, shape, dtype }: FunctionInput, i) => ({
    name,
    node: withNames(traced.inputs[i]!),
    shape: [-1, ...shape],
    dtype: DTYPES[dtype],
  })),
  outputs: traced.outputs.map((output) => ({ ...output, node: withNames(output.node) })),
});

/** The nodes that the outputs need, and the inputs, each after those that it reads; a variable's handle is needed by nothing. */
function reached({ graph, inputs, outputs, variables }: AnyBatchGraph): readonly GraphNode[] {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const needed = new Set(inputs);
  const open = outputs.map(({ node }) => node);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name) || variables.has(name)) continue;
    needed.add(name);
    open.push(...nodes.get(name)!.inputs.map((input) => inputOf(input).name));
  }
  const all = [...nodes.values()].filter(({ name }) => needed.has(name));
  const isInput = ({ name }: GraphNode) => inputs.includes(name);
  return [...all.filter(isInput), ...all.filter((node) => !isInput(node))];
}
