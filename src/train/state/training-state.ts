import * as tf from '@tensorflow/tfjs';
import type { NetworkBody } from '../../network/index.ts';
import { adamW, type Optimizer } from '../../optimise/index.ts';
import type { Held } from '../averaging/exchange.ts';
import type { ReadingState } from '../reading/reading-state.ts';
import { type AverageState, disposeAverage } from './average-state.ts';
import { type BalanceState, forgetBalance } from './balance-state.ts';
import { disposeSlots, forgetSlots, type Slots } from './slots.ts';
import { disposeSnapshots, forgetSnapshots, type Replaced, type Snapshots } from './snapshots.ts';

/** What training knows beside the weights; it outlives one `train`, so that a later one goes on. */
export interface TrainingState extends Slots {
  /** Updates that this optimiser has made. */
  updates: number;
  reading: ReadingState;
  /** Taken by sources. */
  readonly snapshots: Snapshots;
  readonly replaced: Replaced;
  /** False while an update has changed something of all this, or of the weights, and not everything yet. */
  whole: boolean;
  /** What balances the tasks, where they are not weighted equally. */
  balance?: BalanceState;
  /** The average of the weights of the running training, or of the last one, where it makes one. */
  average?: AverageState;
  /** What the network holds in place of the weights that were trained, between two trainings. */
  held?: Held;
}

const states = new WeakMap<NetworkBody, TrainingState>();
/** Those whose end is waited for. */
const followed = new WeakSet<NetworkBody>();

/** The optimiser of a network that was not trained yet, where no other is asked for. */
const defaultOptimizer = (): Optimizer => adamW({ learningRate: 2e-3 });

/** Gives the optimiser that a training begins with: the one asked for, or the one before. */
export const optimizerOf = (body: NetworkBody, optimizer: Optimizer | undefined): Optimizer =>
  optimizer ?? states.get(body)?.optimizer ?? defaultOptimizer();

/**
 * Gives the network's training state: the one it has, unless an optimiser is asked for, which begins anew. The caller adopts or
 * abandons it.
 */
export function trainingState(body: NetworkBody, optimizer: Optimizer | undefined): TrainingState {
  const old = states.get(body);
  if (old !== undefined && optimizer === undefined) return old;
  return {
    optimizer: optimizer ?? defaultOptimizer(),
    slots: new Map(),
    updates: 0,
    missed: new Map(),
    reading: old?.reading ?? { positions: {}, sources: {} },
    snapshots: old?.snapshots ?? new Map(),
    replaced: old?.replaced ?? new Map(),
    whole: true,
  };
}

/** Makes the state the network's, which is freed with it; the one before is freed. */
export function adoptState(body: NetworkBody, state: TrainingState): void {
  const old = states.get(body);
  if (old === state) return;
  states.set(body, state);
  if (old !== undefined) {
    disposeState(old);
  }
  if (followed.has(body)) return;
  followed.add(body);
  // A later column's variables may have the same names.
  body.whenRemoved((names) => {
    const state = states.get(body);
    if (state === undefined) return;
    forgetSlots(state, names);
    forgetSnapshots(state.snapshots, names);
    forgetReading(state, names);
  });
  body.whenDisposed(() => disposeWholly(states.get(body)));
}

/**
 * Sets a network's training state aside, so that a training begins as the first one does. Returns what frees that training's and puts
 * back what was there.
 */
export function setStateAside(body: NetworkBody): () => void {
  const old = states.get(body);
  states.delete(body);
  return () => {
    disposeWholly(states.get(body));
    if (old === undefined) states.delete(body);
    else states.set(body, old);
  };
}

function disposeWholly(state: TrainingState | undefined): void {
  if (state === undefined) return;
  disposeState(state);
  disposeSnapshots(state.snapshots);
}

/** Frees what belongs to one optimiser. */
function disposeState(state: TrainingState): void {
  disposeSlots(state);
  disposeAverage(state.average);
  tf.dispose([...(state.held?.own ?? [])]);
  forgetBalance(state);
}

/** Frees what was made for a training that cannot begin; the network keeps the state that it had. */
export function abandonState(body: NetworkBody, state: TrainingState): void {
  const old = states.get(body);
  if (old === state) return;
  disposeState(state);
  if (old === undefined) disposeSnapshots(state.snapshots);
}

/** Takes old weights out of the optimiser once others are trained beside them. (Until then their column may go again.) */
export function forgetFrozen(state: Slots, { trainable }: Pick<NetworkBody, 'trainable'>): void {
  const names = new Set(trainable.map(({ name }) => name));
  forgetSlots(
    state,
    [...state.slots.keys()].filter((name) => !names.has(name)),
  );
}

/** Lets a later task of the same name read from its beginning. `names`: of the variables that are removed. */
function forgetReading(state: Pick<TrainingState, 'reading'>, names: readonly string[]): void {
  const removed = new Set(names.flatMap((name) => /^head\/([^/]+)\//.exec(name)?.[1] ?? []));
  const left = <T>(byTask: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(byTask).filter(([task]) => !removed.has(task)));
  state.reading = { positions: left(state.reading.positions), sources: left(state.reading.sources) };
}
