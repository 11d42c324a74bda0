import {
  type BalanceOn,
  type BalanceOption,
  type CoordinateMethod,
  checkOptions,
  type GramMethod,
  type MethodState,
  methodNamed,
  type Need,
} from '../../balance/index.ts';
import { BanyanError } from '../../error.ts';
import type { Bindings } from '../../kind/index.ts';
import type { NetworkBody, Pass } from '../../network/index.ts';
import { RandomStream } from '../../random/index.ts';
import type { Json } from '../../task/contract.ts';

/** A method that balances tasks, chosen and checked. */
export interface ChosenBalance {
  readonly method: GramMethod<unknown> | CoordinateMethod<unknown>;
  /** Plain data, which the method's schema has checked. */
  readonly options: Json;
  readonly on: BalanceOn;
}

/**
 * Gives the method that `balance` means, one of a plugin's `bindings` included, with its options checked and in the order of
 * `tasks`; undefined for equal weights.
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

export const needs = ({ method }: Pick<ChosenBalance, 'method'>, need: Need): boolean => method.needs.includes(need);

/** Whether a method looks at the gradients of what the tasks share. */
export const comparesGradients = (chosen: ChosenBalance): boolean =>
  chosen.on !== 'activations' && (chosen.method.balances !== 'losses' || needs(chosen, 'gram'));

/** A method that gives one factor a task, rather than combining gradients number by number. */
const isGramMethod = (method: ChosenBalance['method']): method is GramMethod<unknown> => 'create' in method;

/** Creates a method's state for so many tasks; undefined for a method without one. */
export const createState = ({ method, options }: ChosenBalance, tasks: number): MethodState | undefined =>
  isGramMethod(method) ? method.create(options, tasks) : undefined;

/** Gives the random draws of a method in one step. */
export const drawsOf = (seed: number, step: number): RandomStream => new RandomStream(seed, `balance ${step}`);

/**
 * Checks that a method can balance the tasks of these passes in the last of these columns.
 * @throws BanyanError `argument`.
 */
export function checkBalance(
  chosen: ChosenBalance,
  columns: NetworkBody['columns'],
  passes: readonly Pass[],
  tasks: number,
): void {
  if (chosen.on === 'activations') assertActivations(chosen, columns, passes);
  const { method, options } = chosen;
  // Options may be those of another number of tasks.
  if (isGramMethod(method)) method.create(options, tasks);
  else method.combine(Array(tasks).fill([0]), options, drawsOf(0, 0));
}

function assertActivations(chosen: ChosenBalance, columns: NetworkBody['columns'], passes: readonly Pass[]): void {
  const why =
    passes.length > 1
      ? 'the tasks have inputs of their own, and so no activations in common'
      : passes.some(({ tasks }) => tasks.some(({ at }) => at !== undefined))
        ? 'a task reads the trunk at a depth of its own, and so there are no activations in common'
        : columns.at(-1)!.plan.trunk.sharing !== undefined
          ? 'a softly shared trunk gives each task tokens of its own, and so there are no activations in common'
          : !isGramMethod(chosen.method)
            ? 'it looks at every number of the gradients of the weights'
            : chosen.method.balances === 'losses'
              ? 'it weighs losses'
              : needs(chosen, 'second-batch')
                ? 'it compares two batches'
                : undefined;
  if (why === undefined) return;
  throw new BanyanError(
    'argument',
    `balance: "${chosen.method.name}" cannot work on shared activations: ${why}. Expected on: 'trunk' or 'shared'. Choose one of them.`,
  );
}
