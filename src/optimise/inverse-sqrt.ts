import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';

export interface InverseSqrtOptions {
  /** Updates in which the factor rises in a line to 1; it falls from there. */
  readonly warmup: number;
}

const schema = optionsOf('inverse-sqrt', {
  warmup: count.describe('steps in which the rate rises in a line; it is 1 / sqrt(2) after twice as many'),
});

/**
 * Makes the schedule of the transformer (Vaswani et al. 2017, equation 3): with `n = i + 1`, `min(n / warmup, sqrt(warmup / n))`.
 * The paper's factor is this one times `(width warmup)^-0.5`, so that the base rate here is the highest one.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function inverseSqrt(options: InverseSqrtOptions): Schedule {
  const { warmup } = checkOptions('inverseSqrt', schema, options);
  return {
    kind: 'inverse-sqrt',
    config: { kind: 'inverse-sqrt', warmup },
    factor: (step) => Math.min((step + 1) / warmup, Math.sqrt(warmup / (step + 1))),
  };
}

/** `inverseSqrt`, as files name it. */
export const inverseSqrtKind: Kind<Schedule, InverseSqrtOptions> = {
  kind: 'inverse-sqrt',
  about: 'A rise in a line, then a fall by the inverse square root of the step (Vaswani et al. 2017).',
  options: schema,
  build: inverseSqrt,
};
