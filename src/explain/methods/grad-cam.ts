import { checkOptions, optionsOf, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { Kind } from '../../kind/index.ts';
import { type BlockActivations, countPlaces, type Method } from '../method.ts';

export interface GradCamOptions {
  /** What this block gives is looked at, from 0. Default: the last one. */
  readonly block?: number;
}

const schema = optionsOf('grad-cam', {
  block: wholeNumber(0).optional().describe('the block that is looked at, from 0'),
});

/**
 * Makes Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): what the channels of a block of convolutions give at each token, weighted by
 * their gradients in the mean over the tokens, where the sum speaks for the outcome. It is coarse, a value a token, and shows nothing that
 * speaks against.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function gradCam(options: GradCamOptions = {}): Method {
  const { block } = checkOptions('gradCam', schema, options);
  return {
    kind: 'grad-cam',
    complete: false,
    alone: true,
    at: 'tokens',
    attribute: async (subject) => {
      if ((await subject.attention()).length > 0) {
        throw new BanyanError(
          'argument',
          'grad-cam: the trunk mixes its positions by attention, expected one of convolutions, whose tokens stay where they are. Choose attention-rollout.',
        );
      }
      const blocks = await subject.blocks();
      const chosen = blocks[block ?? blocks.length - 1];
      if (chosen === undefined) {
        throw new BanyanError(
          'argument',
          `grad-cam: block is ${block}, expected one from 0 to ${blocks.length - 1}, since the outcome reads no more. Choose one of them.`,
        );
      }
      const map = mapOf(chosen);
      if (map.length < 2) {
        throw new BanyanError(
          'argument',
          'grad-cam: the example is one token, expected several, each a part of it. Choose a method that speaks of the input.',
        );
      }
      let from = 0;
      return subject.parts.map((part) => map.slice(from, (from += countPlaces(part))));
    },
  };
}

function mapOf({ tokens: { shape, values }, gradient }: BlockActivations): Float64Array {
  const [positions, width] = shape as [number, number];
  const weights = new Float64Array(width);
  for (const [i, slope] of gradient.entries()) weights[i % width]! += slope / positions;
  return Float64Array.from({ length: positions }, (_, place) => {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += weights[c]! * (values[place * width + c]! as number);
    return Math.max(0, sum);
  });
}

/** `gradCam`, as files name it. */
export const gradCamKind: Kind<Method, GradCamOptions> = {
  kind: 'grad-cam',
  about: 'What a block of convolutions gives at each token, by how it speaks for the outcome.',
  options: schema,
  build: gradCam,
};
