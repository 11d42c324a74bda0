import { BanyanError } from '../../../error.ts';
import { type GraphNode, inputOf, tensorOf } from '../../graph/graph-def.ts';
import type { NamedTensor, NetworkGraph, Signature } from '../../graph/network-graph.ts';
import { contentOf } from '../../graph/tensor.ts';
import { graphWithStored } from '../../quantise/in-graph.ts';
import { ONNX_INT64, ONNX_TYPES, type OnnxAttribute, onnxModel, onnxNode, onnxTensor, onnxValue } from './messages.ts';
import { type OnnxGraph, Operand } from './operand.ts';
import { OPERATORS } from './operators.ts';

/**
 * Writes a function of a network as an ONNX model: an operator or a few for each of TensorFlow's operations.
 * @throws BanyanError `capture` that names the node, for an operation that has no form here.
 */
export function writeOnnx(graph: NetworkGraph, signature: Signature): Uint8Array {
  const { name, inputs, outputs } = signature;
  const both = inputs.find((input) => outputs.some((output) => output.name === input.name));
  if (both !== undefined) {
    throw new BanyanError(
      'capture',
      `"${name}" has an input and an output of the name "${both.name}", and ONNX has one name for one tensor. Rename the task's input.`,
    );
  }
  const model = new OnnxModel(graph, inputs);
  for (const output of outputs) model.addOutput(output);
  const value = ({ name, dtype, shape }: NamedTensor) => onnxValue(name, ONNX_TYPES[dtype]!, shape);
  return onnxModel({
    name,
    nodes: model.nodes,
    constants: model.constants,
    inputs: inputs.map(value),
    outputs: outputs.map(value),
  });
}

class OnnxModel implements OnnxGraph {
  readonly nodes: Uint8Array[] = [];
  readonly #shapes: NetworkGraph['shapes'];
  readonly #byName: ReadonlyMap<string, GraphNode>;
  /** What was written of each node. */
  readonly #values = new Map<string, readonly string[]>();
  readonly #constants = new Map<string, Uint8Array>();
  /** The names of what operators read: of the other constants all that mattered is written already. */
  readonly #read = new Set<string>();
  #count = 0;

  constructor(graph: NetworkGraph, inputs: readonly NamedTensor[]) {
    this.#byName = new Map(graphWithStored(graph).nodes.map((node) => [node.name, node]));
    this.#shapes = graph.shapes;
    for (const { name, node } of inputs) this.#values.set(node, [name]);
  }

  get constants(): readonly Uint8Array[] {
    return [...this.#constants].filter(([name]) => this.#read.has(name)).map(([, tensor]) => tensor);
  }

  addOutput({ name, node }: NamedTensor): void {
    this.#push('Identity', [this.valueOf(node)], [name], {});
  }

  nodeOf(input: string): GraphNode {
    return this.#byName.get(inputOf(input).name)!;
  }

  shapeOf(input: string): readonly number[] {
    const { name, output } = inputOf(input);
    return this.#shapes.get(name)![output]!;
  }

  valueOf(input: string): string {
    const { name, output } = inputOf(input);
    let values = this.#values.get(name);
    if (values === undefined) {
      values = this.#write(this.#byName.get(name)!);
      this.#values.set(name, values);
    }
    return values[output]!;
  }

  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs = 1,
  ): readonly string[] {
    const names = Array.from({ length: outputs }, () => `${op}_${++this.#count}`);
    this.#push(op, inputs, names, attributes);
    return names;
  }

  #push(...[op, inputs, outputs, attributes]: Parameters<typeof onnxNode>): void {
    for (const input of inputs) this.#read.add(input);
    this.nodes.push(onnxNode(op, inputs, outputs, attributes));
  }

  longs(values: readonly number[]): string {
    const name = `longs_${values.join('_')}`;
    this.#constant(name, ONNX_INT64, [values.length], contentOf(BigInt64Array.from(values, BigInt)));
    return name;
  }

  #constant(name: string, type: number, shape: readonly number[], content: Uint8Array): void {
    if (!this.#constants.has(name)) this.#constants.set(name, onnxTensor(name, type, shape, content));
  }

  #write(node: GraphNode): readonly string[] {
    const tensor = tensorOf(node);
    if (tensor !== undefined) {
      this.#constant(node.name, ONNX_TYPES[tensor.dtype]!, tensor.shape, tensor.content);
      return [node.name];
    }
    const operator = OPERATORS[node.op];
    if (operator === undefined) {
      throw new BanyanError(
        'capture',
        `${node.name}: TensorFlow's ${node.op} has no form in ONNX here. Expected one of: ${Object.keys(OPERATORS).sort().join(', ')}. Export the network as a SavedModel, or compute it otherwise.`,
      );
    }
    return [operator(new Operand(this, node))].flat();
  }
}
