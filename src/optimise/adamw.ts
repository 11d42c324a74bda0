import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { type AdamOptions, adamOptions, adamRule } from './adam-rule.ts';
import { DECAY, type Optimizer } from './optimizer.ts';

const schema = optionsOf('adamw', {
  ...adamOptions,
  weightDecay: notNegative.default(0.01).describe(`${DECAY}, beside the gradient`),
});

/**
 * Makes AdamW (Loshchilov and Hutter 2019, algorithm 2): weights shrink by `learning rate x weight decay` beside the update.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adamRule('adamw', checkOptions('adamW', schema, options), true);
}

/** `adamW`, as files name it. */
export const adamWKind: Kind<Optimizer, AdamOptions> = {
  kind: 'adamw',
  about: 'Adam whose weights shrink beside the update, by a share of the learning rate.',
  options: schema,
  build: adamW,
};
