import { best } from '../policy.ts';
import type { ActionsSettings } from './decision.ts';

/** A preference says what the network thinks of the actions. */
export interface Preference {
  /** This is the best action. */
  readonly action: number;
  readonly name: string;
  /** Each action is thought to be worth so much. */
  readonly values: Float32Array;
}

/** Makes what chooses the action that is worth most. */
export function decodePreference({ actions }: ActionsSettings): (worths: Float32Array) => Preference {
  return (worths) => {
    const action = best(worths);
    return { action, name: actions[action]!, values: worths };
  };
}
