import { checkOptions, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { type ExpertOptions, expertOptions } from './cgc.ts';
import { byTask } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Sharing, SharingBuilder, SharingLayer, SharingPass } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

// The branch that all tasks share. A task's begins with a letter.
const SHARED = '*';

const schema = optionsOf('ple', expertOptions);

/**
 * Shares a trunk by progressive layered extraction (Tang et al. 2020, "Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model
 * for Personalized Recommendations", section 4.2): at every block shared experts and each task's own, as in `cgc`. A task's
 * gate mixes its own experts and the shared ones into its tokens for the next block; another gate mixes all experts into the
 * shared tokens, up to the last block, where nothing reads those. Here an expert is one block; a gate looks at the mean of its
 * branch's tokens, padding left out; what follows the last block is each task's own.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function ple(trunk: Trunk, options: ExpertOptions = {}): Trunk {
  const { shared, own } = checkOptions('ple', schema, options);
  const sharing: Sharing = {
    kind: 'ple',
    build: (builder) => {
      const { tasks, depth, finish } = builder;
      const depths = Array.from({ length: depth }, (_, b) => extractionAt(builder, b, shared, own));
      const finishes = byTask(tasks, (task) => finish('', task));
      return {
        block: (b, branch, pass) => {
          const { common, owned, gates, sharedGate } = depths[b]!;
          const run = (layers: readonly SharingLayer[], name: string) =>
            layers.map((layer) => layer(branch(name), pass));
          // The shared branch goes on from the experts of all tasks.
          const running = sharedGate === undefined ? pass.tasks : tasks;
          const fromShared = run(common, SHARED);
          const fromTasks = byTask(running, (task) => run(owned.get(task)!, task));
          const wanted = readersAt(b, depth, tasks, pass);
          const mixed = byTask(wanted, (task) =>
            mix(gates.get(task)!(branch(task), pass.call), [...fromTasks.get(task)!, ...fromShared]),
          );
          if (sharedGate === undefined) return mixed;
          const all = [...tasks.flatMap((task) => fromTasks.get(task)!), ...fromShared];
          return new Map([...mixed, [SHARED, mix(sharedGate(branch(SHARED), pass.call), all)]]);
        },
        output: (branch, pass) => byTask(pass.tasks, (task) => finishes.get(task)!(branch(task), pass)),
      };
    },
  };
  return shareSoftly('ple', trunk, { shared, own }, sharing);
}

/** `ple`, as files name it. */
export const pleKind: Kind<ShareTrunk, ExpertOptions> = {
  kind: 'ple',
  about: 'Every task mixes experts of its own with shared ones, at each block (Tang et al. 2020).',
  options: schema,
  build: (options) => (trunk) => ple(trunk, options),
};

/** The tasks whose tokens block `b` makes: all where the next one mixes all of their experts. */
const readersAt = (b: number, depth: number, tasks: readonly string[], pass: SharingPass): readonly string[] =>
  b + 2 < depth ? tasks : pass.tasks;

/** Makes the experts and gates of depth `b`. */
function extractionAt({ tasks, depth, block, module }: SharingBuilder, b: number, shared: number, own: number) {
  const last = b === depth - 1;
  const numbered = (count: number, name: string, task?: string) =>
    Array.from({ length: count }, (_, i) => block(b, `${name}-${i}`, task));
  return {
    common: numbered(shared, 'shared'),
    // Before the last block every task hears of them through the shared branch.
    owned: byTask(tasks, (task) => (last ? numbered(own, 'expert', task) : numbered(own, `of/${task}/expert`))),
    gates: byTask(tasks, (task) => {
      const build = (context: BlockContext) => softmaxGate(context, own + shared);
      return b + 2 < depth ? module(`of/${task}/gate-${b}`, build) : module(`gate-${b}`, build, task);
    }),
    sharedGate: last
      ? undefined
      : module(`shared-gate-${b}`, (context) => softmaxGate(context, own * tasks.length + shared)),
  };
}
