import { BanyanError } from '../../error.ts';
import type { NetworkVariable } from '../../network/index.ts';
import { show } from '../../show.ts';
import type { TrainOptions } from '../options.ts';

/**
 * Checks that a training can be made by several processes.
 * @throws BanyanError `argument` for an option with which it would be another training than in one.
 */
export function checkTogether(
  {
    accumulate = 1,
    cluster,
    compile = 'auto',
    exchange = 'float32',
    profile,
  }: Pick<TrainOptions, 'accumulate' | 'cluster' | 'compile' | 'exchange' | 'profile'>,
  variables: readonly Pick<NetworkVariable, 'name' | 'counts'>[],
): void {
  if (exchange !== 'float32' && exchange !== 'bfloat16')
    throw new BanyanError(
      'argument',
      `train: exchange must be 'float32' or 'bfloat16', received ${show(exchange)}. Correct it, or leave it out.`,
    );
  if (cluster === undefined) return;
  if (compile === 'eager' || compile === 'xla')
    throw fault(
      `compile must be 'graph' or 'auto': the workers exchange their gradients within a graph, received '${compile}'. Leave compile out.`,
    );
  if (profile !== undefined)
    throw fault(
      `profile shows a step of one process by itself, received ${profile}. Leave it out, or profile without a cluster.`,
    );
  const counting = variables.find(({ counts }) => counts);
  if (accumulate > 1 && counting !== undefined)
    throw fault(
      `accumulate must be 1 for what a head counts ("${counting.name}"): of a step's parts only the last is exchanged, received ${accumulate}. Leave it out.`,
    );
}

const fault = (what: string) => new BanyanError('argument', `train: with a cluster, ${what}`);
