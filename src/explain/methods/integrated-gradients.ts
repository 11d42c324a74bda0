import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { COMPLETE, type Method, type Point, type Subject, zerosLike } from '../method.ts';
import { gaussLegendre } from './gauss-legendre.ts';

export interface IntegratedGradientsOptions {
  /**
   * The path has so many points. Default: 64, and twice as many again, up to 1024, while the sum misses the difference by more than 1 %;
   * from 128 on they lie closer together near the baseline, where a network with a normalisation may change at once.
   */
  readonly steps?: number;
}

const schema = optionsOf('integrated-gradients', {
  steps: count.optional().describe('points on the way from the baseline to the example; default: as many as it takes'),
});

const [LEAST, MOST] = [64, 1024];
/** The points that lie closer near the baseline are those of the rule to this power. */
const GRADED = 3;

/**
 * Makes integrated gradients (Sundararajan, Taly and Yan 2017, equation 1): the difference from the baseline times the gradient, in the mean
 * over the straight line from there to the example, by the rule of Gauss and Legendre. With several baselines it is the mean over them (Erion
 * et al. 2021, "expected gradients", with each baseline once). The values sum up to the difference of the outputs.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function integratedGradients(options: IntegratedGradientsOptions = {}): Method {
  const { steps } = checkOptions('integratedGradients', schema, options);
  return {
    kind: 'integrated-gradients',
    complete: true,
    attribute: async (subject) => {
      if (steps !== undefined) return integrate(subject, steps);
      const { baselines } = subject;
      const points = [subject.input, ...baselines];
      const [output, ...others] = await subject.outputs(points.length, (i) => points[i]!);
      const difference = others.reduce((sum, other) => sum + (output! - other) / others.length, 0);
      for (let count = LEAST; ; count *= 2) {
        const values = await integrate(subject, count, count === LEAST ? 1 : GRADED);
        const sum = values.reduce((all, part) => part.reduce((a, b) => a + b, all), 0);
        if (count === MOST || Math.abs(sum - difference) <= COMPLETE * Math.abs(difference)) return values;
      }
    },
  };
}

/**
 * Integrates along the lines from all baselines, with so many points each: by `t`, where the place on the line is `t` to the power `grade`.
 */
async function integrate(subject: Subject, steps: number, grade = 1): Promise<readonly Float64Array[]> {
  const { input, baselines } = subject;
  const { nodes, weights } = gaussLegendre(steps);
  const sums = zerosLike(input);
  for (const baseline of baselines) {
    await subject.gradients(
      steps,
      (i) => between(baseline, input, nodes[i]! ** grade),
      (i, gradient) => {
        for (const [p, sum] of sums.entries()) {
          const [from, to, slope] = [baseline[p]!, input[p]!, gradient[p]!];
          const weight = (weights[i]! * grade * nodes[i]! ** (grade - 1)) / baselines.length;
          for (let at = 0; at < sum.length; at++) sum[at]! += weight * (to[at]! - from[at]!) * slope[at]!;
        }
      },
    );
  }
  return sums;
}

/** The point of the line from one to the other, 0 to 1. */
const between = (from: Point, to: Point, share: number): Point =>
  from.map((numbers, p) => numbers.map((value, at) => value + share * (to[p]![at]! - value)));

/** `integratedGradients`, as files name it. */
export const integratedGradientsKind: Kind<Method, IntegratedGradientsOptions> = {
  kind: 'integrated-gradients',
  about:
    'The gradient in the mean over the way from a baseline, times the difference from it; sums up to the difference of the outputs.',
  options: schema,
  build: integratedGradients,
};
