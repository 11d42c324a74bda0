import { BanyanError } from '../../../error.ts';
import { attributeOf, type GraphNode, tensorOf } from '../../graph/graph-def.ts';
import { wholesOf } from '../../graph/tensor.ts';
import { ONNX_INT64, type OnnxAttribute } from './messages.ts';

/** What an operation of TensorFlow's is written with. */
export interface OnnxGraph {
  /** The node that gives an input. */
  nodeOf(input: string): GraphNode;
  /** The shape of an input; -1 is a batch of any size. */
  shapeOf(input: string): readonly number[];
  /** The name of what gives an input. */
  valueOf(input: string): string;
  /** Adds an operator; gives the names of its outputs. */
  add(op: string, inputs: readonly string[], attributes?: Attributes, outputs?: number): readonly string[];
  /** The name of a constant list of int64, which is how ONNX takes shapes and axes. */
  longs(values: readonly number[]): string;
}

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** One operation of TensorFlow's, while it is written by ONNX's operators. */
export class Operand {
  readonly node: GraphNode;
  readonly #graph: OnnxGraph;

  constructor(graph: OnnxGraph, node: GraphNode) {
    this.#graph = graph;
    this.node = node;
  }

  /** The names of all inputs. */
  get inputs(): readonly string[] {
    return this.node.inputs.map((input) => this.#graph.valueOf(input));
  }

  /** The name of an input; from the end, where it is negative. */
  input(at: number): string {
    return this.#graph.valueOf(this.node.inputs.at(at)!);
  }

  shape(at: number): readonly number[] {
    return this.#graph.shapeOf(this.node.inputs.at(at)!);
  }

  /** Adds an operator with one output. */
  add(op: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.#graph.add(op, inputs, attributes)[0]!;
  }

  /** Adds an operator with several. */
  several(op: string, inputs: readonly string[], outputs: number, attributes?: Attributes): readonly string[] {
    return this.#graph.add(op, inputs, attributes, outputs);
  }

  longs(values: readonly number[]): string {
    return this.#graph.longs(values);
  }

  /** An input of whole numbers as int64, which is computed where it depends on the batch. */
  sizes(at: number): string {
    const values = this.constant(at);
    return values === undefined ? this.add('Cast', [this.input(at)], { to: ONNX_INT64 }) : this.longs(values);
  }

  /**
   * The numbers of an input that is a constant.
   * @throws BanyanError `capture` for one that is computed.
   */
  wholes(at: number): readonly number[] {
    const values = this.constant(at);
    if (values !== undefined) return values;
    throw new BanyanError(
      'capture',
      `${this.node.name}: ONNX's form of ${this.node.op} takes constants at input ${at}, and they are computed. Export the network as a SavedModel.`,
    );
  }

  whole(at: number): number {
    return this.wholes(at)[0]!;
  }

  /** The same; undefined for one that is computed. */
  constant(at: number): readonly number[] | undefined {
    const tensor = tensorOf(this.#graph.nodeOf(this.node.inputs.at(at)!));
    return tensor && [...wholesOf(tensor)];
  }

  flag(name: string): boolean {
    return attributeOf(this.node, name).value === true;
  }

  number(name: string): number {
    return attributeOf(this.node, name).value as number;
  }

  numbers(name: string): readonly number[] {
    return attributeOf(this.node, name).value as readonly number[];
  }

  word(name: string): string {
    return attributeOf(this.node, name).value as string;
  }
}
