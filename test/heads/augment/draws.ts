import * as tf from '@tensorflow/tfjs';
import type { Mixing } from 'banyan-ml/layers';
import { RandomRoot, stepKey } from '../../../src/random/index.ts';

/** A random source as it is in one step. */
export function randomAt(step: number) {
  const root = new RandomRoot();
  root.begin(tf.tensor1d(stepKey(1, step), 'int32'));
  return root.branch('augment');
}

export const TRAINING = { training: true } as const;

/** A call that hears how samples were mixed. */
export function listening() {
  const heard: Mixing[] = [];
  return { call: { training: true, mixed: (mixing: Mixing) => void heard.push(mixing) }, heard };
}
