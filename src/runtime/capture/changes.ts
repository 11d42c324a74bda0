import { typeAttribute as type } from '../tensorflow/attributes.ts';
import type { Graph, Node } from '../tensorflow/graph.ts';
import type { Pointer } from '../tensorflow/library.ts';
import { FLOAT, INT32 } from '../tensorflow/types.ts';
import type { CaptureOptions, Traced } from './trace.ts';

/** What of a graph changes variables. */
export interface Changes {
  readonly effects: readonly Pointer[];
  /** Positions of the variables that change. */
  readonly changed: ReadonlySet<number>;
}

/** Where a graph has the nodes of what a trace names. */
export interface Places {
  /** By the id that the trace gave. */
  node(id: number): Node;
  /** A variable's handle, by its position. */
  handle(index: number): Node;
  /** A variable's value before the changes, by its position. */
  value(index: number): Node;
}

/** Writes the changes that a trace made to variables: behind a switch that is open only if all outputs are finite, where it is gated. */
export function writeChanges(
  graph: Graph,
  { updates, inPlace }: Traced,
  outputs: readonly Node[],
  { gated, xla }: Pick<CaptureOptions, 'gated' | 'xla'>,
  places: Places,
): Changes {
  const finite = gated && updates.size + inPlace.length > 0 ? allFinite(graph, outputs) : undefined;
  // XLA knows no switches: there each value is chosen.
  const gate = finite === undefined || xla ? [] : [graph.onlyIf(finite)];
  const assigned = new Map<number, Pointer>();
  for (const [index, id] of updates) {
    let value = places.node(id);
    const before = places.value(index);
    if (finite !== undefined && xla)
      value = graph.single('SelectV2', [type('T', value.dtype)], [finite, value, before], 'update');
    // After the reading, which may have nothing to do with the new value.
    const after = [...gate, before.output.oper];
    const inputs = [places.handle(index), value];
    assigned.set(index, graph.effect('AssignVariableOp', [type('dtype', value.dtype)], inputs, after));
  }
  const updated = inPlace.map(({ op, attributes, variables, operands }) => {
    const inputs = [...variables.map((index) => places.handle(index)), ...operands.map((id) => places.node(id))];
    return graph.effect(op, attributes, inputs, [...gate, ...variables.flatMap((index) => assigned.get(index) ?? [])]);
  });
  return {
    effects: [...assigned.values(), ...updated],
    changed: new Set([...assigned.keys(), ...inPlace.flatMap(({ variables }) => variables)]),
  };
}

/** One truth value: whether all numbers of all float32 outputs are finite. */
function allFinite(graph: Graph, outputs: readonly Node[]): Node {
  const floats = outputs.filter(({ dtype }) => dtype === FLOAT);
  const each = floats.map((node) => {
    const finite = graph.single('IsFinite', [type('T', FLOAT)], [node]);
    const axes = graph.constant([finite.shape.length], INT32, Int32Array.from(finite.shape.keys()));
    return graph.single('All', [type('Tidx', INT32)], [finite, axes]);
  });
  return each.reduce((a, b) => graph.single('LogicalAnd', [], [a, b]));
}
