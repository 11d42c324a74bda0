import { checkCounts } from '../check.ts';
import type { Trunk } from '../trunk.ts';
import type { ExpertOptions } from './cgc.ts';
import { byTask } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Pass, Sharing, SharingBuilder } from './sharing.ts';
import { shareSoftly } from './soft.ts';

// The path that all tasks share. A task's begins with a letter.
const SHARED = '*';

/**
 * Progressive layered extraction (Tang et al. 2020, "Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model
 * for Personalized Recommendations", section 4.2): at every block shared experts and each task's own, as in `cgc`. A task's
 * gate mixes its own experts and the shared ones into its tokens for the next block; another gate mixes all experts into the
 * shared tokens, up to the last level, where nothing reads those. Here an expert is one block; a gate looks at the mean of its
 * path's tokens, padding left out; what follows the last block is each task's own.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function ple(trunk: Trunk, options: ExpertOptions = {}): Trunk {
  const { shared = 1, own = 1 } = options;
  checkCounts('ple', { shared, own });
  const sharing: Sharing = {
    kind: 'ple',
    build: (parts) => {
      const { tasks, depth, finish } = parts;
      const levels = Array.from({ length: depth }, (_, b) => levelOf(parts, b, shared, own));
      const ends = byTask(tasks, (task) => finish('', task));
      return {
        block: (b, from, trip) => {
          const { common, owned, gates, sharedGate } = levels[b]!;
          const run = (layers: typeof common, path: string) => layers.map((layer) => layer(from(path), trip));
          // The shared path goes on from the experts of all tasks.
          const running = sharedGate === undefined ? trip.tasks : tasks;
          const given = run(common, SHARED);
          const ofTask = byTask(running, (task) => run(owned.get(task)!, task));
          const wanted = readersAt(b, depth, tasks, trip);
          const mixed = byTask(wanted, (task) =>
            mix(gates.get(task)!(from(task), trip.call), [...ofTask.get(task)!, ...given]),
          );
          if (sharedGate === undefined) return mixed;
          const all = [...tasks.flatMap((task) => ofTask.get(task)!), ...given];
          return new Map([...mixed, [SHARED, mix(sharedGate(from(SHARED), trip.call), all)]]);
        },
        output: (from, trip) => byTask(trip.tasks, (task) => ends.get(task)!(from(task), trip)),
      };
    },
  };
  return shareSoftly('ple', trunk, { shared, own }, sharing);
}

/** Whose tokens level `b` makes: all tasks' where the next one mixes all of their experts. */
const readersAt = (b: number, depth: number, tasks: readonly string[], trip: Pass): readonly string[] =>
  b + 2 < depth ? tasks : trip.tasks;

function levelOf({ tasks, depth, block, part }: SharingBuilder, b: number, shared: number, own: number) {
  const last = b === depth - 1;
  const numbered = (count: number, name: string, task?: string) =>
    Array.from({ length: count }, (_, i) => block(b, `${name}-${i}`, task));
  return {
    common: numbered(shared, 'shared'),
    // Before the last level every task hears of them through the shared path.
    owned: byTask(tasks, (task) => (last ? numbered(own, 'expert', task) : numbered(own, `of/${task}/expert`))),
    gates: byTask(tasks, (task) => {
      const build = (context: Parameters<typeof softmaxGate>[0]) => softmaxGate(context, own + shared);
      return b + 2 < depth ? part(`of/${task}/gate-${b}`, build) : part(`gate-${b}`, build, task);
    }),
    sharedGate: last
      ? undefined
      : part(`shared-gate-${b}`, (context) => softmaxGate(context, own * tasks.length + shared)),
  };
}
