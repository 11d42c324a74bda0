import { BanyanError } from '../../../error.ts';
import type { AnyTask } from '../../../task/index.ts';
import { transformerTrunk } from '../../../trunk/index.ts';
import { cnn } from './cnn.ts';
import type { BenchNetwork } from './parts.ts';
import { transformer } from './transformer.ts';

export type { BenchNetwork } from './parts.ts';

const JOINT_TASKS = ['clothing', 'spoken-digits', 'intents'];

/** The network of `examples/joint.ts`, on its real data; its tasks come from where the command line has them from. */
export const joint = {
  name: 'joint-real',
  batches: [64],
  trunk: transformerTrunk({ width: 128, depth: 4, heads: 4 }),
  tasks: (known: readonly AnyTask[]): AnyTask[] =>
    JOINT_TASKS.map((name) => {
      const task = known.find((candidate) => candidate.name === name);
      if (task !== undefined) return task;
      throw new BanyanError(
        'plugin',
        `joint-real needs the task "${name}", expected it in banyan-ml/tasks. Update the package.`,
      );
    }),
};

export const MADE: readonly BenchNetwork[] = [cnn, transformer];
export const NETWORKS = [...MADE.map(({ name, batches }) => ({ name, batches })), joint];
