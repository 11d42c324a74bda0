import type * as tf from '@tensorflow/tfjs';
import { labelled } from '../../runtime/index.ts';
import { blaming } from '../../task/blame.ts';
import type { Block, BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import type { Layer, Pass, SharingBuilder } from './sharing.ts';

/** Name of a block among a column's parts, or among those of a copy of its trunk. */
const blockName = (index: number): string => `block-${index}`;
const FINISH = 'finish';
const OWN = 'own';
const COLUMN = /^column-\d+\/(?:own\/([^/]+)\/)?/;

/** The task to which alone a part of a column belongs; undefined for one that tasks share, and for what is no part of a column. */
export const ownerOf = (part: string): string | undefined => COLUMN.exec(part)?.[1];
/** Whether a part of a network is one of a column that its tasks share. */
export const isTrunk = (part: string): boolean => COLUMN.test(part) && ownerOf(part) === undefined;

/** The parts of column `index` made from a trunk's blocks. `contextOf` gives each a context by its name in the column. */
export function columnParts(
  trunk: Trunk,
  contextOf: (name: string) => BlockContext,
  index: number,
  tasks: readonly string[],
): SharingBuilder {
  const nameOf = (name: string, copy: string, task: string | undefined) =>
    [...(task === undefined ? [] : [OWN, task]), ...(copy === '' ? [] : [copy]), name].join('/');
  const part: SharingBuilder['part'] = (name, build, task) => {
    const own = nameOf(name, '', task);
    const made = build(contextOf(own));
    return (...given) => labelled(`column-${index}/${own}`, () => made(...given));
  };
  const layer = (name: string, build: (context: BlockContext) => Block, task: string | undefined): Layer => {
    const whose = `column-${index}/${nameOf(name, '', task)}`;
    return part(
      name,
      (context) => {
        const block = blaming(`Making ${whose}`, 'a block', () => build(context));
        return (tokens: tf.Tensor3D, trip: Pass) =>
          blaming(`${whose}: forward()`, 'tokens [batch, positions, width]', () => apply(block, tokens, trip));
      },
      task,
    );
  };
  return {
    tasks,
    width: trunk.width,
    depth: trunk.depth,
    part,
    block: (b, copy, task) => layer(nameOf(blockName(b), copy, undefined), (context) => trunk.block(context, b), task),
    finish: (copy, task) => {
      if (trunk.finish === undefined) return (tokens) => tokens;
      const finish = layer(nameOf(FINISH, copy, undefined), (context) => trunk.finish!(context), task);
      // What comes in from the sides comes into blocks alone.
      return (tokens, trip) => finish(tokens, { ...trip, lateral: undefined });
    },
  };
}

function apply(block: Block, tokens: tf.Tensor3D, { call, lateral }: Pass): tf.Tensor3D {
  if (lateral === undefined) return block.forward(tokens, call);
  return block.forwardWithLateral?.(tokens, lateral, call) ?? block.forward(tokens.add(lateral) as tf.Tensor3D, call);
}
