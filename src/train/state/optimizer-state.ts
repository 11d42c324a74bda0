import * as tf from '@tensorflow/tfjs';
import type { MethodState } from '../../balance/index.ts';
import type { StoredTensor } from '../../checkpoint/index.ts';
import {
  assignStored,
  type Network,
  type NetworkVariable,
  readVariable,
  type StoredFile,
} from '../../network/index.ts';
import { adamW, type Optimizer } from '../../optimise/index.ts';
import type { ReadingState } from '../reading/batches.ts';
import { disposeJacobian, type Jacobian } from '../step/jacobian.ts';
import { disposeSnapshots, forgetSnapshots, type Replaced, type Snapshots } from './snapshots.ts';

/** What training knows beside the weights; it outlives one `train`, so that a later one goes on. */
export interface TrainingState {
  readonly optimizer: Optimizer;
  readonly slots: Map<string, Readonly<Record<string, tf.Variable>>>;
  /** Updates this optimiser has made. */
  updates: number;
  /** How many of them were made before a variable joined (a task trained later); absent: none. */
  readonly joined: Map<string, number>;
  reading: ReadingState;
  /** Taken by sources. */
  readonly snapshots: Snapshots;
  readonly replaced: Replaced;
  /** False while an update has changed something of all this, or of the weights, and not everything yet. */
  whole: boolean;
  /** What weighs the tasks: which method with which options for which tasks, and what it knows. */
  balance?: {
    readonly of: string;
    readonly balancer: MethodState | undefined;
    /** Moving averages of gradients, for a method that works on them. */
    readonly averages: Jacobian | undefined;
  };
}

const states = new WeakMap<Network, TrainingState>();

/** Of a network that was not trained yet, where none is given. */
export const defaultOptimizer = (): Optimizer => adamW({ learningRate: 2e-3 });

/** The one that a training goes on with, or begins with where one is given. */
export const optimizerOf = (network: Network, given: Optimizer | undefined): Optimizer =>
  given ?? states.get(network)?.optimizer ?? defaultOptimizer();

function disposeSlots(state: TrainingState): void {
  for (const slots of state.slots.values()) tf.dispose(Object.values(slots));
  state.slots.clear();
}

/** What was known of another method, or of other tasks. */
export function forgetBalance(state: TrainingState): void {
  disposeJacobian(state.balance?.averages);
  delete state.balance;
}

/** The network's training state: the one it has, unless an optimiser is given, which begins anew. The caller adopts or abandons it. */
export function trainingState(
  network: Network,
  given: Optimizer | undefined,
  fallback: () => Optimizer,
): TrainingState {
  const old = states.get(network);
  if (old !== undefined && given === undefined) return old;
  return {
    optimizer: given ?? fallback(),
    slots: new Map(),
    updates: 0,
    joined: new Map(),
    reading: old?.reading ?? { positions: {}, sources: {} },
    snapshots: old?.snapshots ?? new Map(),
    replaced: old?.replaced ?? new Map(),
    whole: true,
  };
}

/** From now on the state is the network's, and is freed with it; the one before is freed. */
export function adoptState(network: Network, state: TrainingState): void {
  const old = states.get(network);
  if (old === state) return;
  states.set(network, state);
  if (old !== undefined) {
    disposeSlots(old);
    forgetBalance(old);
    return;
  }
  // A later column's variables may have the same names.
  network.body.whenRemoved((names) => {
    const state = states.get(network)!;
    forgetSlots(state, names);
    forgetSnapshots(state.snapshots, names);
    forgetReading(state, names);
  });
  network.body.whenDisposed(() => {
    const state = states.get(network)!;
    disposeSlots(state);
    disposeSnapshots(state.snapshots);
    forgetBalance(state);
  });
}

/** What was made for a training that cannot begin is freed; the network keeps the state that it had. */
export function abandonState(network: Network, state: TrainingState): void {
  const old = states.get(network);
  if (old === state) return;
  disposeSlots(state);
  forgetBalance(state);
  if (old === undefined) disposeSnapshots(state.snapshots);
}

/** Old weights leave the optimiser once others are trained beside them. (Until then their column may go again.) */
export function forgetFrozen(state: TrainingState, { body }: Network): void {
  const open = new Set(body.trainable.map(({ name }) => name));
  forgetSlots(
    state,
    [...state.slots.keys()].filter((name) => !open.has(name)),
  );
}

function forgetSlots(state: TrainingState, names: readonly string[]): void {
  for (const name of names) {
    tf.dispose(Object.values(state.slots.get(name) ?? {}));
    state.slots.delete(name);
    state.joined.delete(name);
  }
}

/** A later task of the same name reads from its beginning. */
function forgetReading(state: TrainingState, names: readonly string[]): void {
  const gone = new Set(names.flatMap((name) => /^head\/([^/]+)\//.exec(name)?.[1] ?? []));
  const left = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(of).filter(([task]) => !gone.has(task)));
  state.reading = { positions: left(state.reading.positions), sources: left(state.reading.sources) };
}

/** Gives every variable its slots. They exist before the first step, so that a step makes no variables. */
export function ensureSlots(state: TrainingState, variables: readonly NetworkVariable[]): void {
  for (const { name, variable } of variables) {
    const known = Object.values(state.slots.get(name) ?? {});
    // One that was pruned has another shape than before.
    if (state.slots.has(name) && known.every(({ shape }) => String(shape) === String(variable.shape))) continue;
    tf.dispose(known);
    if (state.updates > 0) state.joined.set(name, state.updates);
    const slots = state.optimizer.slots.map((slot) => {
      const zeros = tf.zeros(variable.shape);
      const made = tf.variable(zeros, false);
      zeros.dispose();
      return [slot, made] as const;
    });
    state.slots.set(name, Object.fromEntries(slots));
  }
}

/** Moving averages by name, as slots are. */
const AVERAGE = 'average';
const averagesOf = ({ balance }: TrainingState) =>
  (balance?.averages?.list ?? []).map(({ variable, rows }) => [`${variable.name}#${AVERAGE}`, rows] as const);

/** The optimiser's state by name: `part/variable#slot`. */
export async function readSlots(state: TrainingState): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, slots] of state.slots) {
    for (const [slot, variable] of Object.entries(slots)) tensors.set(`${name}#${slot}`, await readVariable(variable));
  }
  for (const [name, rows] of averagesOf(state)) tensors.set(name, await readVariable(rows));
  return tensors;
}

/** Sets all slots from a checkpoint's. */
export function restoreSlots(state: TrainingState, { file, tensors }: StoredFile): void {
  for (const [name, slots] of state.slots) {
    for (const [slot, variable] of Object.entries(slots)) {
      assignStored(variable, tensors.get(`${name}#${slot}`), `${name}#${slot}`, file);
    }
  }
  for (const [name, rows] of averagesOf(state)) assignStored(rows, tensors.get(name), name, file);
}
