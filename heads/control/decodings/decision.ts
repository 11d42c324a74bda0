import { best, logSoftmax } from '../policy.ts';

/** A decision says what the network would do. */
export interface Decision {
  /** This is the likeliest action. */
  readonly action: number;
  readonly name: string;
  /** There is one per action; their sum is 1. */
  readonly probabilities: Float32Array;
  /** The state is thought to be worth so much. */
  readonly value: number;
}

/** Settings of `actorCritic` by which its output becomes a decision. */
export interface ActionsSettings {
  readonly actions: readonly string[];
}

/** One sample of the head's output: logits of the actions, and what the state is thought to be worth. */
export interface DecisionOutput {
  readonly policy: Float32Array;
  readonly value: Float32Array;
}

/** Makes what chooses the likeliest action. */
export function decodeDecision({ actions }: ActionsSettings): (output: DecisionOutput) => Decision {
  return ({ policy: logits, value: worth }) => {
    const probabilities = logSoftmax(logits).map(Math.exp);
    const action = best(logits);
    return { action, name: actions[action]!, probabilities, value: worth[0]! };
  };
}
