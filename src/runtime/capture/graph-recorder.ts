import type { OpAttribute } from '../tensorflow/attributes.ts';
import { type Graph, isUniform, type Node } from '../tensorflow/graph.ts';
import { dtypeOf, type HostTensor } from '../tensorflow/types.ts';
import type { TensorMetadata, Values } from '../tfjs-node/backend.ts';
import { CaptureError, currentLabel, where } from './fault.ts';
import { writeByKernel } from './kernels.ts';
import type { Operation } from './operation.ts';
import { constantKey, type Entry, operationKey, type Recorder } from './recorder.ts';
import { type Precision, write } from './write.ts';

let next = -2;

/** A constant too large to be written into the graph: one more input, which stays on the device. */
export interface LargeConstant {
  readonly node: Node;
  readonly tensor: HostTensor;
}

/** A constant is large from this many bytes on. */
const LARGE = 64 * 1024;

/** Builds the graph. */
export class GraphRecorder implements Recorder {
  readonly graph: Graph;
  readonly entries: Entry[] = [];
  /** The operations by their first output: equal ones are one. */
  readonly operations = new Map<Node, Operation>();
  readonly large = new Map<string, LargeConstant>();
  readonly #nodes = new Map<number, Node | (() => Node)>();

  readonly #precision: Precision;
  readonly #kernels: boolean;

  /** `kernels`: whether the framework's own may be used. */
  constructor(graph: Graph, precision: Precision, kernels: boolean) {
    this.graph = graph;
    this.#precision = precision;
    this.#kernels = kernels;
  }

  /** An id for a node, or for one that is built when it is first used. */
  add(node: Node | (() => Node)): number {
    const id = next--;
    this.#nodes.set(id, node);
    return id;
  }

  owns(id: number): boolean {
    return this.#nodes.has(id);
  }

  /**
   * The node behind an id, for `op`.
   * @throws CaptureError for one whose shape is not fixed, unless `op` is the one that passes it through.
   */
  node(id: number, op = ''): Node {
    let node = this.#nodes.get(id)!;
    if (typeof node === 'function') {
      node = node();
      this.#nodes.set(id, node);
    }
    // A reserve of batch normalisation, which only its gradient looks into.
    if (node.fixed || op === 'FusedBatchNormGradV3') return node;
    throw new CaptureError(
      `${where()}the shape of what ${node.op} gives depends on numbers that only the running step knows`,
      "expected a shape that follows from its inputs' shapes",
      'Choose another operation.',
    );
  }

  opOf(id: number): string {
    const found = this.#nodes.get(id);
    return found === undefined || typeof found === 'function' ? 'a variable' : found.op;
  }

  constant(shape: readonly number[], dtype: number, values: Values): number {
    const what = constantKey(shape, dtype, values);
    const id = this.add(this.#constantNode(what, shape, dtype, values));
    this.entries.push({
      what,
      outputs: [{ id, shape: [...shape], dtype }],
    });
    return id;
  }

  #constantNode(what: string, shape: readonly number[], dtype: number, values: Values): Node {
    const type = dtypeOf(dtype);
    if (values.byteLength < LARGE || type === undefined || isUniform(values))
      return this.graph.constant(shape, dtype, values);
    let constant = this.large.get(what);
    if (constant === undefined) {
      const node = this.graph.input(dtype, shape);
      constant = { node, tensor: { shape, dtype: type, values: values.slice() } as HostTensor };
      this.large.set(what, constant);
    }
    return constant.node;
  }

  operation(op: string, attributes: readonly OpAttribute[], inputs: readonly number[]): TensorMetadata[] {
    if (this.graph.isStateful(op) && !op.startsWith('Collective')) {
      throw new CaptureError(
        `${where()}${op} gives something else in each call or changes something outside`,
        'expected a pure operation',
        'Draw from `context.random`.',
      );
    }
    const label = currentLabel();
    const nodesIn = inputs.map((id) => this.node(id, op));
    const wanted = { op, attributes, inputs: nodesIn, label: label === '' ? op : `${label}/${op}` };
    const byKernel = this.#kernels ? writeByKernel(this.graph, wanted, (node) => this.operations.get(node)) : undefined;
    const nodes = byKernel ?? write(this.graph, wanted, this.#precision);
    const first = nodes[0];
    if (first !== undefined && !this.operations.has(first))
      this.operations.set(first, { op, attributes, inputs: nodesIn, outputs: nodes, part: label });
    const outputs = nodes.map((node) => ({ id: this.add(node), shape: [...node.shape], dtype: node.dtype }));
    this.entries.push({ what: operationKey(op, attributes, inputs), outputs });
    return outputs;
  }
}
