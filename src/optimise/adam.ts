import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { type AdamOptions, adamOptions, adamRule } from './adam-rule.ts';
import { DECAY, type Optimizer } from './optimizer.ts';

const schema = optionsOf('adam', {
  ...adamOptions,
  weightDecay: notNegative.default(0).describe(`${DECAY}, added to the gradient`),
});

/**
 * Makes Adam (Kingma and Ba 2015, algorithm 1). Weight decay, if any, is an L2 penalty: it is added to the gradient.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamRule('adam', checkOptions('adam', schema, options), false);
}

/** `adam`, as files name it. */
export const adamKind: Kind<Optimizer, AdamOptions> = {
  kind: 'adam',
  about: 'Adam: steps by the mean of gradients over the root of the mean of their squares.',
  options: schema,
  build: adam,
};
