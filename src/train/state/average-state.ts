import * as tf from '@tensorflow/tfjs';
import type { NetworkVariable } from '../../network/index.ts';
import type { Average } from '../../optimise/index.ts';
import { makeSlot } from './slots.ts';

/** An average of the weights of one training, with its state for each variable, by name. */
export interface AverageState {
  /** Differs between any two: a graph holds the very slots. */
  readonly id: number;
  readonly average: Average;
  readonly slots: ReadonlyMap<string, Readonly<Record<string, tf.Variable>>>;
}

let count = 0;

/** Makes an average that has taken in nothing yet. The caller disposes it. */
export const makeAverage = (average: Average, variables: readonly NetworkVariable[]): AverageState => ({
  id: ++count,
  average,
  slots: new Map(
    variables.map(({ name, tensor }) => [
      name,
      Object.fromEntries(average.slots.map((slot) => [slot, makeSlot({ name: slot }, tensor)])),
    ]),
  ),
});

export const disposeAverage = (state: Pick<AverageState, 'slots'> | undefined): void =>
  tf.dispose([...(state?.slots.values() ?? [])].flatMap((slots) => Object.values(slots)));
