import * as tf from '@tensorflow/tfjs';

/**
 * How far a student's probabilities of classes are from the teacher's, for each sample, `[batch]`: the Kullback-Leibler divergence of
 * the softmaxes of scores `[batch, classes]` that are divided by the temperature, times its square, so that gradients are as large at any
 * temperature (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", section 2).
 */
export function softened(student: tf.Tensor2D, teacher: tf.Tensor2D, temperature: number): tf.Tensor1D {
  const logOf = (scores: tf.Tensor2D) => tf.logSoftmax(scores.div(temperature)); // [batch, classes]
  const taught = logOf(teacher);
  const difference = taught.sub(logOf(student));
  return taught
    .exp()
    .mul(difference)
    .sum(1)
    .mul(temperature ** 2);
}

/** The mean square of what a student's numbers are off the teacher's, `[batch, numbers]` both, for each sample (Ba and Caruana 2014, equation 2). */
export const offBy = (student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Tensor1D => student.sub(teacher).square().mean(1);
