import * as tf from '@tensorflow/tfjs';
import type { MethodState } from '../../balance/index.ts';
import type { NetworkVariable } from '../../network/index.ts';

/** What a balancing method knows. */
export interface BalanceState {
  /** Says which method with which options balances which tasks. */
  readonly key: string;
  /** Absent for a method that knows nothing. */
  readonly method: MethodState | undefined;
  /** Moving averages of gradients, for a method that works on them: `[tasks, size]`, or `[1, size]`, by variable. */
  readonly averages: ReadonlyMap<NetworkVariable, tf.Variable> | undefined;
}

/** Forgets what was known of another method, or of other tasks. */
export function forgetBalance(state: { balance?: BalanceState }): void {
  tf.dispose([...(state.balance?.averages?.values() ?? [])]);
  delete state.balance;
}
