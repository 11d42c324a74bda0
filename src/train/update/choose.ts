import { type BalanceOption, checkOptions, methodNamed } from '../../balance/index.ts';
import type { Bindings } from '../../kind/index.ts';
import type { ChosenBalance } from './balancing.ts';

/**
 * The method that is meant, one of `bindings` included, its options checked and in the order of `tasks`; undefined for equal
 * weights.
 * @throws BanyanError `argument`.
 */
export function chooseBalance(
  balance: string | BalanceOption | undefined,
  tasks: readonly string[],
  bindings?: Bindings,
): ChosenBalance | undefined {
  const {
    method: name,
    options = {},
    on = 'trunk',
  } = typeof balance === 'string' ? { method: balance } : (balance ?? { method: 'equal' });
  const method = methodNamed(name, bindings);
  return method.name === 'equal'
    ? undefined
    : ({ method, options: checkOptions(method, options, tasks), on } as ChosenBalance);
}
