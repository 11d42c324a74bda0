/**
 * Softmax regression by Adam, the baseline that a task must not be solvable by: accuracy on `test` after training on
 * `training`, the best over the epochs (so the baseline is flattered, not the task).
 */
export function linearAccuracy(
  training: Labelled,
  test: Labelled,
  classes: number,
  options: { epochs: number; rate: number },
): number {
  const size = training.inputs[0]!.length + 1;
  const weights = new Float64Array(classes * size);
  const first = new Float64Array(weights.length);
  const second = new Float64Array(weights.length);
  const scores = (x: Float32Array) =>
    Array.from({ length: classes }, (_, c) => {
      let score = weights[c * size + size - 1]!;
      for (let i = 0; i < x.length; i++) score += weights[c * size + i]! * x[i]!;
      return score;
    });
  let best = 0;
  for (let epoch = 0, step = 1; epoch < options.epochs; epoch++) {
    for (let start = 0; start < training.inputs.length; start += BATCH, step++) {
      const gradient = new Float64Array(weights.length);
      for (let n = start; n < Math.min(start + BATCH, training.inputs.length); n++) {
        const x = training.inputs[n]!;
        const raw = scores(x);
        const top = Math.max(...raw);
        const exponentials = raw.map((score) => Math.exp(score - top));
        const sum = exponentials.reduce((a, b) => a + b);
        for (let c = 0; c < classes; c++) {
          const error = (exponentials[c]! / sum - (training.targets[n] === c ? 1 : 0)) / BATCH;
          for (let i = 0; i < x.length; i++) gradient[c * size + i] = gradient[c * size + i]! + error * x[i]!;
          gradient[c * size + size - 1] = gradient[c * size + size - 1]! + error;
        }
      }
      for (const [i, g] of gradient.entries()) {
        first[i] = 0.9 * first[i]! + 0.1 * g;
        second[i] = 0.999 * second[i]! + 0.001 * g * g;
        const mean = first[i]! / (1 - 0.9 ** step);
        weights[i] = weights[i]! - (options.rate * mean) / (Math.sqrt(second[i]! / (1 - 0.999 ** step)) + 1e-8);
      }
    }
    const right = test.inputs.filter((x, n) => {
      const raw = scores(x);
      return raw.indexOf(Math.max(...raw)) === test.targets[n];
    }).length;
    best = Math.max(best, right / test.inputs.length);
  }
  return best;
}

export interface Labelled {
  readonly inputs: readonly Float32Array[];
  readonly targets: readonly number[];
}

const BATCH = 50;
