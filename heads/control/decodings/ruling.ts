import { OBJECT_NUMBERS as NUMBERS } from '../object-numbers.ts';
import { best } from '../policy.ts';
import type { Relation } from '../symbols/relations.ts';
import type { ActionsSettings } from './decision.ts';

/** A reason is what one object has to say for and against each action. */
export interface Reason extends Relation {
  /** The name of the object's type. */
  readonly name: string;
  /** It says so much for each action. */
  readonly shares: Float32Array;
}

/** A ruling says what the tables would do, and why. */
export interface Ruling {
  /** This is the best action. */
  readonly action: number;
  readonly name: string;
  /** Each action has the sum of what all objects say for it. */
  readonly scores: Float32Array;
  /** What the objects say, first what says most about the action. */
  readonly reasons: readonly Reason[];
}

/** Settings of `rules` by which its output becomes a ruling. */
export interface RulingSettings extends ActionsSettings {
  readonly types: readonly string[];
}

/** One sample of the head's output: `scores [actions]`, `shares [objects, actions]` of them, and the objects `[objects, 3]`. */
export interface RulingOutput {
  readonly scores: Float32Array;
  readonly shares: Float32Array;
  readonly objects: Float32Array;
}

/** Makes what chooses the best action, and says why. */
export function decodeRuling({ actions, types }: RulingSettings): (output: RulingOutput) => Ruling {
  return ({ scores, shares, objects }) => {
    const action = best(scores);
    return { action, name: actions[action]!, scores, reasons: reasonsOf({ shares, objects }, action, types) };
  };
}

/** Lists what the objects say of the actions, first what says most about one of them. Those that say nothing are left out. */
export function reasonsOf(
  { shares, objects }: Pick<RulingOutput, 'shares' | 'objects'>,
  action: number,
  types: readonly string[],
): Reason[] {
  const most = objects.length / NUMBERS;
  const actions = shares.length / most;
  const reasons = Array.from({ length: most }, (_, i) => {
    const [kind, down, right] = objects.subarray(i * NUMBERS, (i + 1) * NUMBERS);
    const type = kind! - 1;
    return {
      ...{ type, name: types[type] ?? `type ${type}`, down: down!, right: right! },
      shares: shares.slice(i * actions, (i + 1) * actions),
    };
  });
  return reasons
    .filter((reason) => reason.shares.some((share) => share !== 0))
    .sort((a, b) => Math.abs(b.shares[action]!) - Math.abs(a.shares[action]!));
}
