import type * as tf from '@tensorflow/tfjs';
import { labelled } from '../../runtime/index.ts';
import { blockName, FINISH, inColumn, ownName } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Block, BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import type { SharingBuilder, SharingLayer, SharingPass } from './sharing.ts';

/** Makes the builder of column `index` over a trunk's blocks. `contextOf` gives a context for each name in the column. */
export function columnBuilder(
  trunk: Trunk,
  contextOf: (name: string) => BlockContext,
  index: number,
  tasks: readonly string[],
): SharingBuilder {
  const nameOf = (name: string, copy: string, task: string | undefined) => {
    const inCopy = copy === '' ? name : `${copy}/${name}`;
    return task === undefined ? inCopy : ownName(task, inCopy);
  };
  const module: SharingBuilder['module'] = (name, build, task) => {
    const scope = nameOf(name, '', task);
    const run = build(contextOf(scope));
    return (...inputs) => labelled(inColumn(index, scope), () => run(...inputs));
  };
  const layer = (name: string, build: (context: BlockContext) => Block, task: string | undefined): SharingLayer => {
    const whose = inColumn(index, nameOf(name, '', task));
    return module(
      name,
      (context) => {
        const block = blaming(`Making ${whose}`, 'a block', () => build(context));
        return (tokens: tf.Tensor3D, pass: SharingPass) =>
          blaming(`${whose}: forward()`, 'tokens [batch, positions, width]', () =>
            apply(block, tokens, inMode(pass, whose)),
          );
      },
      task,
    );
  };
  return {
    tasks,
    width: trunk.width,
    depth: trunk.depth,
    module,
    block: (b, copy, task) => layer(nameOf(blockName(b), copy, undefined), (context) => trunk.block(context, b), task),
    finish: (copy, task) => {
      if (trunk.finish === undefined) return (tokens) => tokens;
      const finish = layer(nameOf(FINISH, copy, undefined), (context) => trunk.finish!(context), task);
      // Lateral tokens come into blocks alone.
      return (tokens, pass) => finish(tokens, { ...pass, lateral: undefined });
    },
  };
}

/** The pass as a block gets it: one that is not trained, in inference mode. */
function inMode(pass: SharingPass, scope: string): SharingPass {
  if (!pass.call.training || pass.trains === undefined || pass.trains(scope)) return pass;
  const { also: _, ...call } = pass.call;
  return { ...pass, call: { ...call, training: false } };
}

function apply(block: Block, tokens: tf.Tensor3D, { call, lateral }: SharingPass): tf.Tensor3D {
  if (lateral === undefined) return block.forward(tokens, call);
  return block.forwardWithLateral?.(tokens, lateral, call) ?? block.forward(tokens.add(lateral) as tf.Tensor3D, call);
}
