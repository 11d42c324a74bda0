import { BanyanError } from '../../error.ts';
import type { BuiltTask } from '../../network/index.ts';
import type { TrainOptions } from '../options.ts';

/**
 * Checks that a training can be made by several processes.
 * @throws BanyanError `argument` for an option, or a source, with which it would be another training than in one.
 */
export function checkTogether(
  { cluster, compile = 'auto', profile }: Pick<TrainOptions, 'cluster' | 'compile' | 'profile'>,
  tasks: readonly Pick<BuiltTask, 'name' | 'definition'>[],
): void {
  if (cluster === undefined) return;
  if (compile === 'eager' || compile === 'xla')
    throw fault(
      `compile must be 'graph' or 'auto': the workers exchange their gradients within a graph, received '${compile}'. Leave compile out.`,
    );
  if (profile !== undefined)
    throw fault(
      `profile shows a step of one process by itself, received ${profile}. Leave it out, or profile without a cluster.`,
    );
  const task = tasks.find(({ definition: { source } }) => source.lockStep === true || source.state !== undefined);
  if (task !== undefined)
    throw fault(
      `the source of task "${task.name}" has a state of its own, expected sources that are read by index alone: all workers would play the same game. Train such tasks in one process.`,
    );
}

const fault = (what: string) => new BanyanError('argument', `train: with a cluster, ${what}`);
