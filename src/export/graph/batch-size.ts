import { INT32, typeValue, wholeValue } from './attributes.ts';
import { constantNode, type GraphNode } from './graph-def.ts';
import { wholesTensor } from './tensor.ts';

/** Nodes that compute sizes from the number of samples in a batch; each is made once. */
export class BatchSize {
  readonly #input: string;
  /** The type of the input whose first axis is the batch, as an attribute. */
  readonly #type: Uint8Array;
  readonly #nodes = new Map<string, GraphNode>();

  constructor(input: GraphNode) {
    this.#input = input.name;
    this.#type = input.attributes.get('dtype')!;
  }

  get nodes(): readonly GraphNode[] {
    return [...this.#nodes.values()];
  }

  /** Gives the node of a list of sizes, each so many times the number of samples, or fixed. */
  list(sizes: readonly Size[]): string {
    const parts = sizes.map((size) => ('fixed' in size ? this.constant(size.fixed) : this.#times(size.samples)));
    return this.#operation(`sizes_${sizes.map(nameOf).join('_')}`, 'Pack', parts, {
      T: typeValue(INT32),
      N: wholeValue(parts.length),
      axis: wholeValue(0),
    });
  }

  /** Gives the node of a whole number, or of a list of them. */
  constant(values: number | readonly number[]): string {
    const text = String(values).replaceAll('-', 'minus').replaceAll(',', '_');
    const name = typeof values === 'number' ? `batch/${text}` : `batch/list_${text}`;
    return this.#add(name, () => constantNode(name, wholesTensor(values)));
  }

  #times(factor: number): string {
    if (factor === 1) return this.#samples();
    const inputs = [this.#samples(), this.constant(factor)];
    return this.#operation(`times_${factor}`, 'Mul', inputs, { T: typeValue(INT32) });
  }

  /** The number of samples, as a scalar. */
  #samples(): string {
    const shape = this.#operation('shape', 'Shape', [this.#input], { T: this.#type, out_type: typeValue(INT32) });
    const [from, to] = [this.constant([0]), this.constant([1])];
    const none = wholeValue(0);
    return this.#operation('samples', 'StridedSlice', [shape, from, to, to], {
      T: typeValue(INT32),
      Index: typeValue(INT32),
      begin_mask: none,
      end_mask: none,
      ellipsis_mask: none,
      new_axis_mask: none,
      shrink_axis_mask: wholeValue(1),
    });
  }

  #operation(
    label: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Uint8Array>>,
  ): string {
    const name = `batch/${label}`;
    return this.#add(name, () => ({ name, op, inputs, attributes: new Map(Object.entries(attributes)) }));
  }

  #add(name: string, make: () => GraphNode): string {
    if (!this.#nodes.has(name)) this.#nodes.set(name, make());
    return name;
  }
}

/** A size: fixed, or so many times the number of samples. */
export type Size = { readonly fixed: number } | { readonly samples: number };

const nameOf = (size: Size): string => ('fixed' in size ? `${size.fixed}` : `batch${size.samples}`);
