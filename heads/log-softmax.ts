/** The logarithms of the softmax of logits. */
export function logSoftmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, x) => total + Math.exp(x - largest), 0);
  return Float64Array.from(logits, (x) => x - largest - Math.log(sum));
}
