import type { Schedule } from 'banyan-ml';
import { type Kind, optionsOf, share } from 'banyan-ml/plugin';

interface LinearDecayOptions {
  readonly floor: number;
}

/** The rate falls in a line. */
const linearDecay = ({ floor }: LinearDecayOptions): Schedule => ({
  kind: 'linear-decay',
  config: { kind: 'linear-decay', floor },
  factor: (step, steps) => floor + (1 - floor) * (1 - step / steps),
});

export const linearDecayKind: Kind<Schedule, LinearDecayOptions> = {
  kind: 'linear-decay',
  about: 'A fall in a line.',
  options: optionsOf('linear-decay', { floor: share.default(0).describe('factor of the rate at the end') }),
  build: linearDecay,
};
