import { checkOptions, optionsOf, wholeNumber } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Schedule } from './schedule.ts';
import { type FloorOption, floorOption, halfCosine } from './schedule-options.ts';

export interface WarmupCosineOptions extends FloorOption {
  /** Updates over which the rate rises in a line from `1 / warmup` to 1; 0: no rise. */
  readonly warmup: number;
}

const schema = optionsOf('warmup-cosine', {
  warmup: wholeNumber(0).describe('steps until the rate is whole'),
  floor: floorOption,
});

/**
 * Makes the schedule that rises over `warmup` updates while falling along half a cosine over all of them (Loshchilov and Hutter
 * 2017, "SGDR", equation 5, one period):
 * `min((i + 1) / warmup, 1) (floor + (1 - floor) (1 + cos(pi i / steps)) / 2)`.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { warmup, floor } = checkOptions('warmupCosine', schema, options);
  return {
    kind: 'warmup-cosine',
    config: { kind: 'warmup-cosine', warmup, floor },
    factor: (step, steps) => {
      const rise = warmup === 0 ? 1 : Math.min((step + 1) / warmup, 1);
      return rise * halfCosine(step, steps, floor);
    },
  };
}

/** `warmupCosine`, as files name it. */
export const warmupCosineKind: Kind<Schedule, WarmupCosineOptions> = {
  kind: 'warmup-cosine',
  about: 'A rise in a line, then a fall along half a cosine.',
  options: schema,
  build: warmupCosine,
};
