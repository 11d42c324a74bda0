import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { assignStored, type NetworkVariable, readVariable, type StoredFile } from '../../network/index.ts';
import { type Optimizer, type Slot, slotsFor } from '../../optimise/index.ts';
import type { BalanceState } from './balance-state.ts';

/** An optimiser with its state for each variable, by name. */
export interface Slots {
  readonly optimizer: Optimizer;
  readonly slots: Map<string, Readonly<Record<string, tf.Variable>>>;
  /** How many updates a variable missed, see `CountedState`. */
  readonly missed: Map<string, number>;
}

/** Gives every variable its slots. They exist before the first step, so that a step makes no variables. */
export function ensureSlots(state: Slots & { readonly updates: number }, variables: readonly NetworkVariable[]): void {
  for (const variable of variables) {
    const { name, scope, tensor, decay } = variable;
    const slots = slotsFor(state.optimizer, { name, scope, shape: tensor.shape, decay });
    const before = state.slots.get(name);
    // One that was pruned has another shape than before.
    const isThere = (slot: Slot) => String(before?.[slot.name]?.shape) === String(slot.shape ?? tensor.shape);
    if (before !== undefined && slots.every(isThere)) continue;
    tf.dispose(Object.values(before ?? {}));
    if (state.updates > 0) state.missed.set(name, state.updates);
    state.slots.set(name, Object.fromEntries(slots.map((slot) => [slot.name, makeSlot(slot, tensor)])));
  }
}

/** Makes a slot of a variable. The caller disposes it. */
export function makeSlot({ shape, initial = 0 }: Slot, variable: tf.Variable): tf.Variable {
  return tf.tidy(() => {
    // A copy by way of the host: two variables of one memory could not change apart.
    const values = initial === 'weights' ? tf.tensor(variable.dataSync(), variable.shape) : undefined;
    return tf.variable(values ?? tf.fill([...(shape ?? variable.shape)], initial as number), false);
  });
}

export function disposeSlots(state: Pick<Slots, 'slots'>): void {
  for (const slots of state.slots.values()) tf.dispose(Object.values(slots));
  state.slots.clear();
}

export function forgetSlots(state: Pick<Slots, 'slots' | 'missed'>, names: readonly string[]): void {
  for (const name of names) {
    tf.dispose(Object.values(state.slots.get(name) ?? {}));
    state.slots.delete(name);
    state.missed.delete(name);
  }
}

/** What a checkpoint's optimiser file holds: the slots, and averages of gradients and of weights as if they were slots. */
export interface OptimizerTensors extends Pick<Slots, 'slots'> {
  readonly balance?: Pick<BalanceState, 'averages'>;
  readonly average?: { readonly slots: ReadonlyMap<string, Readonly<Record<string, tf.Variable>>> };
}

/** Reads the optimiser's state by name: `scope/variable#slot`. */
export async function readSlots(state: OptimizerTensors): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of named(state)) tensors.set(name, await readVariable(variable));
  return tensors;
}

/** Sets all slots from a checkpoint's. @throws BanyanError `checkpoint` for one that is missing, or of another shape. */
export function restoreSlots(state: OptimizerTensors, { file, tensors }: StoredFile): void {
  for (const [name, variable] of named(state)) assignStored(variable, tensors.get(name), name, file);
}

function named({ slots, balance, average }: OptimizerTensors): readonly (readonly [name: string, tf.Variable])[] {
  const averages = [...(balance?.averages ?? [])].map(([{ name }, variable]) => [`${name}#average`, variable] as const);
  return [...namedIn(slots, ''), ...averages, ...namedIn(average?.slots ?? new Map(), 'average/')];
}

const namedIn = (slots: NonNullable<OptimizerTensors['average']>['slots'], prefix: string) =>
  [...slots].flatMap(([name, variables]) =>
    Object.entries(variables).map(([slot, variable]) => [`${name}#${prefix}${slot}`, variable] as const),
  );
