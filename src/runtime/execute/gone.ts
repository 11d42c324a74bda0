import * as tf from '@tensorflow/tfjs';

/** Tells whether a variable was disposed, by itself or with all others: `tf.disposeVariables` leaves it looking alive. */
export const isGone = (variable: tf.Variable): boolean =>
  variable.isDisposed || tf.engine().registeredVariables[variable.name] !== variable;
