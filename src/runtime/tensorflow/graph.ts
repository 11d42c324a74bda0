import { type OpAttribute, SHAPE, setAttribute, TYPE } from './attributes.ts';
import type { GraphOutput, Library, Pointer } from './library.ts';
import { type OpDef, parseOpDef } from './op-def.ts';
import { checked } from './status.ts';
import { dims, INT32, RESOURCE, sizeOf } from './types.ts';

/** A tensor that a graph will compute. */
export interface Node {
  readonly output: GraphOutput;
  readonly shape: readonly number[];
  /** False where the shape depends on numbers that only the running graph knows; `shape` is then []. */
  readonly fixed: boolean;
  readonly dtype: number;
  /** Kind of the operation that makes it. */
  readonly op: string;
}

// A constant of one value and at least this many numbers is written as a Fill.
const FILL_FROM = 64;

/** What TensorFlow knows of the kinds of operations met so far. */
const definitions = new Map<string, OpDef>();

/**
 * A graph, built node by node: TensorFlow infers each node's shape as it comes. Equal nodes are built once: a constant, or an
 * operation without a state, with the same attributes and inputs.
 */
export class Graph {
  readonly library: Library;
  readonly pointer: Pointer;
  /** What each operation gives, by its name. */
  readonly nodes = new Map<string, readonly Node[]>();
  readonly #built = new Map<string, readonly Node[]>();
  readonly #names = new Map<Pointer, string>();
  #count = 0;

  constructor(library: Library) {
    this.library = library;
    this.pointer = library.TF_NewGraph();
  }

  /** Nodes built so far. */
  get size(): number {
    return this.#count;
  }

  /** The name of the operation that makes a node. */
  nameOf({ output }: Node): string {
    return this.#names.get(output.oper)!;
  }

  /** The graph as a message (a GraphDef of graph.proto). */
  toMessage(): Uint8Array {
    const { library } = this;
    const buffer = library.TF_NewBuffer();
    try {
      checked(library, 'Writing a graph', (status) => library.TF_GraphToGraphDef(this.pointer, buffer, status));
      return library.readBuffer(buffer);
    } finally {
      library.TF_DeleteBuffer(buffer);
    }
  }

  /** Reads a variable, whose shape its handle does not tell TensorFlow. */
  readVariable(handle: Node, dtype: number, shape: readonly number[]): Node {
    const { library } = this;
    const oper = this.#finish('ReadVariableOp', [{ name: 'dtype', type: TYPE, value: dtype }], [handle], 'read');
    const output = { oper, index: 0 };
    checked(library, 'Reading a variable', (status) =>
      library.TF_GraphSetTensorShape(this.pointer, output, dims(shape), shape.length, status),
    );
    const node = { output, shape, fixed: true, dtype, op: 'ReadVariableOp' };
    this.nodes.set(this.nameOf(node), [node]);
    return node;
  }

  /** An input of the function that the graph becomes. */
  input(dtype: number, shape: readonly number[]): Node {
    const attributes = [
      { name: 'dtype', type: TYPE, value: dtype },
      { name: 'shape', type: SHAPE, value: shape },
    ];
    const [node] = this.#build('Placeholder', attributes, [], 'input');
    return { ...node!, shape, fixed: true };
  }

  /** Tells whether an operation of this kind gives something else each time, or changes something. */
  isStateful(op: string): boolean {
    return this.#definition(op).stateful;
  }

  operation(op: string, attributes: readonly OpAttribute[], inputs: readonly Node[], label = op): readonly Node[] {
    if (this.#definition(op).stateful) return this.#build(op, attributes, inputs, label);
    const key = `${op} ${JSON.stringify(attributes)} ${inputs.map((node) => `${this.nameOf(node)}:${node.output.index}`).join(' ')}`;
    const earlier = this.#built.get(key);
    if (earlier !== undefined) return earlier;
    const built = this.#build(op, attributes, inputs, label);
    this.#built.set(key, built);
    return built;
  }

  /** A node's only output. */
  single(op: string, attributes: readonly OpAttribute[], inputs: readonly Node[], label = op): Node {
    return this.operation(op, attributes, inputs, label)[0]!;
  }

  constant(shape: readonly number[], dtype: number, values: ArrayBufferView & ArrayLike<number>): Node {
    const size = sizeOf(shape);
    if (size >= FILL_FROM && isUniform(values)) {
      const Values = values.constructor as new (values: number[]) => ArrayBufferView & ArrayLike<number>;
      const attributes = [
        { name: 'T', type: TYPE, value: dtype },
        { name: 'index_type', type: TYPE, value: INT32 },
      ];
      const shapeNode = this.constant([shape.length], INT32, Int32Array.from(shape));
      return this.single('Fill', attributes, [shapeNode, this.constant([], dtype, new Values([values[0]!]))]);
    }
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const key = `Const ${dtype} ${shape.join()} ${bytes.toString('latin1')}`;
    const earlier = this.#built.get(key);
    if (earlier !== undefined) return earlier[0]!;
    const built = this.#build('Const', [{ name: 'dtype', type: TYPE, value: dtype }], [], 'constant', (description) => {
      const { library } = this;
      const tensor = library.TF_AllocateTensor(dtype, dims(shape), shape.length, bytes.length);
      try {
        if (bytes.length > 0) library.copyIn(library.TF_TensorData(tensor), bytes, bytes.length);
        checked(library, 'A constant', (status) => library.TF_SetAttrTensor(description, 'value', tensor, status));
      } finally {
        library.TF_DeleteTensor(tensor);
      }
    });
    this.#built.set(key, built);
    return built[0]!;
  }

  /** An operation that is run for what it changes, once `after` have run. */
  effect(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Node[],
    after: readonly Pointer[] = [],
  ): Pointer {
    return this.#finish(op, attributes, inputs, op, (description) => {
      for (const operation of after) this.library.TF_AddControlInput(description, operation);
    });
  }

  /** Makes a node after which something runs only if `condition` is true: the live side of a switch, whose other side leads nowhere. */
  onlyIf(condition: Node): Pointer {
    const types = [{ name: 'T', type: TYPE, value: condition.dtype }];
    const [, whenTrue] = this.operation('Switch', types, [condition, condition]);
    return this.single('Identity', types, [whenTrue!], 'if').output.oper;
  }

  /**
   * The graph as a TensorFlow function, which the caller deletes. `effects` are run in each call.
   */
  toFunction(name: string, inputs: readonly Node[], outputs: readonly Node[], effects: readonly Pointer[]): Pointer {
    const { library } = this;
    return checked(library, 'Making a function', (status) =>
      library.TF_GraphToFunctionWithControlOutputs(
        this.pointer,
        name,
        0,
        -1,
        null,
        inputs.length,
        inputs.map(({ output }) => output),
        outputs.length,
        outputs.map(({ output }) => output),
        null,
        effects.length,
        effects,
        null,
        null,
        '',
        status,
      ),
    );
  }

  dispose(): void {
    this.library.TF_DeleteGraph(this.pointer);
  }

  #build(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Node[],
    label: string,
    describe?: (description: Pointer) => void,
  ): readonly Node[] {
    const { library } = this;
    const oper = this.#finish(op, attributes, inputs, label, describe);
    const count = library.TF_OperationNumOutputs(oper);
    const nodes = Array.from({ length: count }, (_, index) => {
      const output = { oper, index };
      const dtype = library.TF_OperationOutputType(output);
      const shape = dtype === RESOURCE ? [] : this.#shapeOf(output, op);
      return { output, shape: shape ?? [], fixed: shape !== undefined, dtype, op };
    });
    this.nodes.set(this.#names.get(oper)!, nodes);
    return nodes;
  }

  #finish(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Node[],
    label: string,
    describe?: (description: Pointer) => void,
  ): Pointer {
    const { library } = this;
    const definition = this.#definition(op);
    const name = `${label.replace(/[^A-Za-z0-9_./-]/g, '_')}_${++this.#count}`;
    const description = library.TF_NewOperation(this.pointer, op, name);
    const inferred = new Set(definition.inputs.map(({ listAttribute }) => listAttribute));
    for (const attribute of attributes)
      if (!inferred.has(attribute.name)) setAttribute(library, description, attribute);
    let at = 0;
    for (const { listAttribute } of definition.inputs) {
      if (listAttribute === undefined) library.TF_AddInput(description, inputs[at++]!.output);
      else {
        // A list takes all inputs but those of the arguments around it.
        const count = inputs.length - (definition.inputs.length - 1);
        library.TF_AddInputList(
          description,
          inputs.slice(at, at + count).map(({ output }) => output),
          count,
        );
        at += count;
      }
    }
    describe?.(description);
    const oper = checked(library, op, (status) => library.TF_FinishOperation(description, status));
    this.#names.set(oper, name);
    return oper;
  }

  #definition(op: string): OpDef {
    const earlier = definitions.get(op);
    if (earlier !== undefined) return earlier;
    const { library } = this;
    const buffer = library.TF_NewBuffer();
    try {
      checked(library, op, (status) => library.TF_GraphGetOpDef(this.pointer, op, buffer, status));
      const definition = parseOpDef(library.readBuffer(buffer));
      definitions.set(op, definition);
      return definition;
    } finally {
      library.TF_DeleteBuffer(buffer);
    }
  }

  #shapeOf(output: GraphOutput, op: string): readonly number[] | undefined {
    const { library } = this;
    const rank = checked(library, op, (status) => library.TF_GraphGetTensorNumDims(this.pointer, output, status));
    const shape = new BigInt64Array(Math.max(0, rank));
    if (rank > 0)
      checked(library, op, (status) => library.TF_GraphGetTensorShape(this.pointer, output, shape, rank, status));
    return rank >= 0 && shape.every((size) => size >= 0n) ? Array.from(shape, Number) : undefined;
  }
}

/** Tells whether all numbers are the same. */
export function isUniform(values: ArrayLike<number>): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  // Minus zero equals zero, and is another number.
  return !(first === 0 && Object.is(first, -0));
}
