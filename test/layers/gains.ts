import * as tf from '@tensorflow/tfjs';
import type { TestContext } from '../../src/testing/test-context.ts';

/** Sets all gains to 1: a layer whose gain begins with 0 gives nothing, which would hide what it sees. */
export function setGains({ store }: TestContext): void {
  for (const { name, tensor } of store.all()) {
    if (name.endsWith('/gain')) tf.tidy(() => void tensor.assign(tf.onesLike(tensor)));
  }
}
