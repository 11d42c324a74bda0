import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs';
import type { NetworkBody } from '../../network/index.ts';
import { type CompileMode, isGone } from '../../runtime/index.ts';
import type { AverageState } from '../state/average-state.ts';
import type { Slots } from '../state/slots.ts';

/** A variable of a network, and the slot that holds another value for it. */
export type Pair = readonly [variable: tf.Variable, slot: tf.Variable];

/** What a network holds in place of what was trained. */
export interface Held {
  /** The slots hold what was trained. */
  readonly pairs: readonly Pair[];
  /** Slots that are there for that alone. */
  readonly own: readonly tf.Variable[];
  /** Digests of what the variables hold: one that holds something else by now was given other weights. */
  readonly digests: ReadonlyMap<tf.Variable, string>;
}

/** Pairs the variables whose weights the optimiser averages by itself with the averages; none where it does not. */
export function averagedByOptimizer(
  { store }: Pick<NetworkBody, 'store'>,
  { optimizer: { averaged }, slots }: Pick<Slots, 'optimizer' | 'slots'>,
): readonly Pair[] {
  return averaged === undefined ? [] : pairsOf(store, slots, averaged);
}

/** Pairs the variables of an average with what it has made of them. */
export const averagedBeside = (
  { store }: Pick<NetworkBody, 'store'>,
  { average, slots }: AverageState,
): readonly Pair[] => pairsOf(store, slots, average.slots[0]);

const pairsOf = (store: NetworkBody['store'], slots: AverageState['slots'], name: string): readonly Pair[] =>
  store.all().flatMap(({ name: variableName, tensor }) => {
    const slot = slots.get(variableName)?.[name];
    return slot === undefined ? [] : [[tensor, slot] as const];
  });

/** Gives each variable the value of its slot, and the slot that of the variable: to the bit, so once more undoes it. */
export async function exchange(
  { runner }: Pick<NetworkBody, 'runner'>,
  pairs: readonly Pair[],
  compile: CompileMode,
): Promise<void> {
  if (pairs.length === 0) return;
  await runner.run(
    {
      kind: 'train-weights',
      key: ['exchange', pairs.map((pair) => pair.map(({ id }) => id))],
      inputs: [],
      variables: pairs.flat(),
      trace: () => {
        for (const [variable, slot] of pairs) {
          const before = variable.clone();
          variable.assign(slot.clone());
          slot.assign(before);
        }
        return {};
      },
    },
    compile,
  );
}

/** Notes what the variables of these pairs hold. */
export const heldIn = (pairs: readonly Pair[], own: readonly tf.Variable[]): Held => ({
  pairs,
  own,
  digests: new Map(pairs.map(([variable]) => [variable, digestOf(variable)])),
});

/** Whether the variables hold what they held then. */
export const isHeld = ({ pairs, digests }: Held): boolean =>
  pairs.every(([variable]) => digestOf(variable) === digests.get(variable));

/** Puts back what was trained. @returns the pairs that were exchanged, once more undoes it; and the variables with other weights. */
export async function putBack(
  body: Pick<NetworkBody, 'runner' | 'trainable'>,
  { pairs, digests }: Held,
  compile: CompileMode,
): Promise<{ readonly exchanged: readonly Pair[]; readonly changed: readonly tf.Variable[] }> {
  // What was frozen, removed or made anew meanwhile stays as it is.
  const trainable = new Set(body.trainable.map(({ tensor }) => tensor));
  const left = pairs.filter(([variable, slot]) => trainable.has(variable) && !isGone(variable) && !isGone(slot));
  const isSame = ([variable]: Pair) => digestOf(variable) === digests.get(variable);
  const exchanged = left.filter(isSame);
  await exchange(body, exchanged, compile);
  return { exchanged, changed: left.filter((pair) => !exchanged.includes(pair)).map(([variable]) => variable) };
}

const digestOf = (variable: tf.Variable): string => {
  const { buffer, byteOffset, byteLength } = variable.dataSync<'float32'>();
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('base64');
};
