import type * as tf from '@tensorflow/tfjs';
import { labelled } from '../runtime/index.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';
import type { Trunk } from './trunk.ts';

/** A stack of blocks, built. Column 0 is the jointly trained trunk. */
export interface Column {
  readonly kind: string;
  readonly width: number;
  readonly depth: number;
  /** Numbers trained: the column's own, and those of its lateral adapters. */
  readonly parameters: { readonly own: number; readonly lateral: number };
}

/** A column's forward pass. */
export interface ColumnBody {
  forward(tokens: tf.Tensor3D, call: Call): tf.Tensor3D;
}

/** Builds a trunk's blocks; `contextOf` gives each its context by name. `part`: the column's own name. */
export function buildColumn(trunk: Trunk, contextOf: (name: string) => BlockContext, part = 'column-0'): ColumnBody {
  const stack: [string, Block][] = [];
  const add = (name: string, build: (context: BlockContext) => Block) => stack.push([name, build(contextOf(name))]);
  for (let index = 0; index < trunk.depth; index++) add(`block-${index}`, (context) => trunk.block(context, index));
  if (trunk.finish !== undefined) add('finish', (context) => trunk.finish!(context));
  return {
    forward: (tokens, call) =>
      stack.reduce((h, [name, block]) => labelled(`${part}/${name}`, () => block.forward(h, call)), tokens),
  };
}
