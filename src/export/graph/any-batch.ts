import { BanyanError } from '../../error.ts';
import type { PortableGraph, PortableOutput } from '../../runtime/index.ts';
import { INT32, shapeValue } from './attributes.ts';
import { BatchSize, type Size } from './batch-size.ts';
import { type GraphDef, type GraphNode, inputOf, readGraph, tensorOf } from './graph-def.ts';
import { wholesOf } from './tensor.ts';

/** The sizes of batch for which a computation is traced: primes, and of no network a width. */
export const BATCHES = [1009, 1013] as const;

/** Which input of an operation says sizes of what it gives. */
const SIZES: Readonly<Record<string, number>> = {
  Reshape: 1,
  Slice: 2,
  Fill: 0,
  Tile: 1,
  Conv2DBackpropInput: 0,
};

/** A computation's graph for a batch of any size; -1 stands for it in shapes. */
export interface AnyBatchGraph extends Omit<PortableGraph, 'message'> {
  readonly graph: GraphDef;
}

/**
 * Makes one graph of a computation's traces for batches of two sizes (`BATCHES`). Where they differ, it has to be in a size: that then
 * follows from the batch.
 * @throws BanyanError `capture` that names the node, for what else depends on the size of the batch.
 */
export function forAnyBatch(first: PortableGraph, second: PortableGraph): AnyBatchGraph {
  const [one, two] = [readGraph(first.message), readGraph(second.message)];
  if (one.nodes.length !== two.nodes.length)
    throw refusal('The graph', `${one.nodes.length} operations for one size and ${two.nodes.length} for another`);
  for (const [name, { shape, values }] of first.constants) {
    const other = second.constants.get(name);
    if (String(shape) !== String(other?.shape) || !values.every((value, i) => value === other!.values[i]))
      throw refusal(name, 'a large constant that differs');
  }
  const shapes = new Map([...first.shapes].map(([name, all]) => [name, merged(all, second.shapes.get(name) ?? all)]));
  const input = one.nodes.find(({ name }) => name === first.inputs[0])!;
  const merging = new Merging(one, new BatchSize(input));
  const nodes = one.nodes.flatMap((node, i) => merging.node(node, two.nodes[i]!, shapes.get(node.name)![0]!));
  return {
    graph: { nodes: [...merging.size.nodes, ...nodes], versions: one.versions },
    inputs: first.inputs,
    outputs: first.outputs.map((output): PortableOutput => ({ ...output, shape: shapes.get(output.node)![0]! })),
    variables: first.variables,
    constants: first.constants,
    shapes,
  };
}

const merged = (one: readonly (readonly number[])[], two: readonly (readonly number[])[]) =>
  one.map((shape, i) => shape.map((size, axis) => (size === two[i]![axis] ? size : -1)));

class Merging {
  readonly size: BatchSize;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  /** Constants that hold sizes, by their names. */
  readonly #sizes = new Map<string, readonly Size[]>();

  constructor({ nodes }: GraphDef, size: BatchSize) {
    this.size = size;
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  /** Gives what takes the place of a node and of its `other`; nothing for a constant that each reader gets in a form of its own. */
  node(node: GraphNode, other: GraphNode, shape: readonly number[]): readonly GraphNode[] {
    const { name, op } = node;
    if (op !== other.op || String(node.inputs) !== String(other.inputs))
      throw refusal(name, `${op}(${node.inputs}) for one size and ${other.op}(${other.inputs}) for another`);
    const attributes = new Map(node.attributes);
    for (const [key, value] of attributes) {
      if (Buffer.compare(value, other.attributes.get(key)!) === 0) continue;
      if (op === 'Placeholder' && key === 'shape') attributes.set(key, shapeValue(shape));
      else if (op === 'Const' && key === 'value') {
        this.#sizes.set(name, sizesOf(node, other));
        return [];
      } else throw refusal(name, `${op} with another ${key}`);
    }
    return [{ ...node, attributes, inputs: node.inputs.map((input, at) => this.#input(node, shape, input, at)) }];
  }

  /** `shape`: of what the node gives. */
  #input(node: GraphNode, shape: readonly number[], input: string, at: number): string {
    const sizes = this.#sizes.get(inputOf(input).name);
    if (sizes === undefined) return input;
    if (SIZES[node.op] !== at) throw refusal(node.name, `${node.op}, and no size, is made from it`);
    // -1 is what is left: for one axis of a new shape, and for any of a slice.
    if (node.op === 'Reshape' && shape.filter((size) => size === -1).length === 1) return this.size.constant(shape);
    if (node.op === 'Slice' && this.#fromTheStart(node, sizes)) return this.size.constant(shape);
    return this.size.list(sizes);
  }

  /** Tells whether a slice begins with the first sample, and takes all. */
  #fromTheStart({ inputs }: GraphNode, sizes: readonly Size[]): boolean {
    const begin = tensorOf(this.#nodes.get(inputs[1]!)!);
    if (begin === undefined || this.#sizes.has(inputs[1]!)) return false;
    const starts = wholesOf(begin);
    return sizes.every((size, axis) => 'fixed' in size || (size.samples === 1 && starts[axis] === 0));
  }
}

/** Reads the numbers of a constant that differs: each is the same for both sizes, or a multiple of the batch. */
function sizesOf(node: GraphNode, other: GraphNode): readonly Size[] {
  const [one, two] = [tensorOf(node)!, tensorOf(other)!];
  const isList = one.dtype === INT32 && one.shape.length === 1 && String(one.shape) === String(two.shape);
  if (!isList) throw refusal(node.name, 'a constant that differs');
  const others = wholesOf(two);
  return Array.from(wholesOf(one), (value, i): Size => {
    if (value === others[i]) return { fixed: value };
    const [samples, again] = [value / BATCHES[0], others[i]! / BATCHES[1]];
    if (samples !== again || !Number.isInteger(samples))
      throw refusal(node.name, 'a constant that is no multiple of it');
    return { samples };
  });
}

const refusal = (name: string, what: string) =>
  new BanyanError(
    'capture',
    `${name} depends on the size of the batch: ${what}. Expected the same for any number of samples, but for sizes. Compute it from tensors in the stem, block or head that makes it.`,
  );
