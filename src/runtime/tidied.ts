import * as tf from '@tensorflow/tfjs';

/**
 * `tf.tidy` for work whose result holds no tensors: all that it makes is freed. Where it throws, also what it kept: tfjs
 * keeps a tape's tensors for the way back, and leaves them behind when there is none.
 */
export function tidied<T>(work: () => T): T {
  const engine = tf.engine() as unknown as { keep?(tensor: tf.Tensor): tf.Tensor };
  const keep = tf.engine().keep;
  const kept: tf.Tensor[] = [];
  let result: T;
  engine.keep = (tensor) => {
    kept.push(tensor);
    return keep.call(engine, tensor);
  };
  try {
    tf.tidy(() => {
      result = work();
    });
  } catch (error) {
    for (const tensor of kept) if (!tensor.isDisposed) tensor.dispose();
    throw error;
  } finally {
    delete engine.keep; // Back to the method of its class.
  }
  return result!;
}
