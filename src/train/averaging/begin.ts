import * as tf from '@tensorflow/tfjs';
import type { NetworkBody, NetworkVariable } from '../../network/index.ts';
import type { Average } from '../../optimise/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { disposeAverage, makeAverage } from '../state/average-state.ts';
import { forgetSlots } from '../state/slots.ts';
import type { TrainingState } from '../state/training-state.ts';
import { exchange, putBack } from './exchange.ts';

/** What was there before a training's averaging began. */
interface Begun {
  /** Frees it. */
  settle(): void;
  /** Puts it back. */
  undo(): Promise<void>;
}

/** Puts what was trained back into the network, and begins an average of what is trained now, where there is to be one. */
export async function beginAveraging(
  body: NetworkBody,
  state: TrainingState,
  average: Average | undefined,
  variables: readonly NetworkVariable[],
  compile: CompileMode,
): Promise<Begun> {
  const mode = body.runner.modeOf(compile, 'train');
  const { held, average: before } = state;
  const { exchanged, changed } = held === undefined ? { exchanged: [], changed: [] } : await putBack(body, held, mode);
  delete state.held;
  // Its averages are of other weights than those that it is given.
  if (state.optimizer.averaged !== undefined) {
    const given = body.store.all().filter(({ tensor }) => changed.includes(tensor));
    forgetSlots(
      state,
      given.map(({ name }) => name),
    );
  }
  setAverage(state, average && makeAverage(average, variables));
  return {
    settle: () => {
      disposeAverage(before);
      tf.dispose([...(held?.own ?? [])]);
    },
    undo: async () => {
      disposeAverage(state.average);
      setAverage(state, before);
      if (held !== undefined) state.held = held;
      await exchange(body, exchanged, mode);
    },
  };
}

function setAverage(state: TrainingState, average: TrainingState['average'] | undefined): void {
  if (average === undefined) delete state.average;
  else state.average = average;
}
