// Softly shared trunks, built as columns by themselves.
import * as tf from '@tensorflow/tfjs';
import { VariableStore } from '../../../src/network/assembly/variables.ts';
import { RandomRoot, RandomStream } from '../../../src/random/index.ts';
import type { Call } from '../../../src/task/index.ts';
import {
  allLaterals,
  branching,
  buildColumn,
  cgc,
  convTrunk,
  crossStitch,
  denseTrunk,
  dselectK,
  mmoe,
  mtan,
  ple,
  type Trunk,
  transformerTrunk,
} from '../../../src/trunk/index.ts';

export const WIDTH = 4;
export const POSITIONS = 5;

/** Every kind, small. */
export const kinds: [string, (trunk: Trunk) => Trunk][] = [
  ['cross-stitch', crossStitch],
  ['mmoe', (trunk) => mmoe(trunk, { experts: 2 })],
  ['cgc', (trunk) => cgc(trunk, { shared: 2 })],
  ['ple', (trunk) => ple(trunk)],
  ['mtan', mtan],
  ['dselect-k', (trunk) => dselectK(trunk)],
  ['branching', (trunk) => branching(trunk, { branches: 2 })],
];

export const blockKinds: [string, Trunk][] = [
  ['transformer', transformerTrunk({ width: WIDTH, depth: 3, heads: 2 })],
  ['conv', convTrunk({ width: WIDTH, depth: 3, kernel: 3 })],
  ['dense', denseTrunk({ width: WIDTH, depth: 3 })],
];

export interface Built {
  readonly store: VariableStore;
  readonly root: RandomRoot;
  /** The tokens of these tasks, in their order. */
  forward(tokens: tf.Tensor3D, tasks: readonly string[], call?: Partial<Call>): tf.Tensor3D[];
  /** The variable whose name in the column this is. */
  variable(name: string): tf.Variable;
}

export function build(trunk: Trunk, tasks: readonly string[] = ['a', 'b']): Built {
  const store = new VariableStore(3);
  const root = new RandomRoot();
  const plan = { trunk, laterals: 'none', inputs: allLaterals(trunk.depth, []) } as const;
  const contextOf = (name: string) => {
    const part = `column-0/${name}`;
    return { width: trunk.width, random: root.branch(part), ...store.scope(part) };
  };
  const column = buildColumn(plan, contextOf, 0, tasks);
  return {
    store,
    root,
    forward: (tokens, wanted, call = {}) => {
      const given = column.forward(tokens, { training: false, ...call }, wanted);
      return wanted.map((task) => given.get(task)!);
    },
    variable: (name) => store.all().find((v) => v.name === `column-0/${name}`)!.tensor,
  };
}

/** Tokens `[batch, positions, width]`, the same for the same name. */
export function tokensOf(name: string, batch = 2): tf.Tensor3D {
  const stream = new RandomStream(1, name);
  const values = Float32Array.from({ length: batch * POSITIONS * WIDTH }, () => stream.normal());
  return tf.tensor3d(values, [batch, POSITIONS, WIDTH]);
}

/** The largest distance between numbers of the same place. */
export const apart = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
