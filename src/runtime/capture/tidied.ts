import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { currentLabel } from './fault.ts';

/**
 * `tf.tidy` for work whose result holds no tensors: all that it makes is freed. Where it throws, also what it kept: tfjs
 * keeps a tape's tensors for the way back, and leaves them behind when there is none.
 * @throws BanyanError `leak`, with `budgeted`, for work that leaves tensors alive; `cause` is their number.
 */
export function tidied<T>(budgeted: boolean, work: () => T): T {
  const engine = tf.engine() as unknown as { keep?(tensor: tf.Tensor): tf.Tensor };
  const keep = tf.engine().keep;
  const before = tf.memory().numTensors;
  const kept: { tensor: tf.Tensor; part: string }[] = [];
  let result: T;
  engine.keep = (tensor) => {
    kept.push({ tensor, part: currentLabel() });
    return keep.call(engine, tensor);
  };
  try {
    tf.tidy(() => {
      result = work();
    });
  } catch (error) {
    for (const { tensor } of kept) if (!tensor.isDisposed) tensor.dispose();
    throw error;
  } finally {
    delete engine.keep; // Back to the method of its class.
  }
  const left = tf.memory().numTensors - before;
  if (!budgeted || left <= 0) return result!;
  const alive = kept.filter(({ tensor }) => !tensor.isDisposed);
  for (const { tensor } of alive) tensor.dispose();
  const part = alive.find(({ part }) => part !== '')?.part;
  throw new BanyanError(
    'leak',
    `${part === undefined ? '' : `${part}: `}${left} tensors are left alive, expected none. Wrap what makes them in tf.tidy; make constants when the stem, block or head is built.`,
    { cause: left },
  );
}
