import { checkOptions, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { type Method, zerosLike } from '../method.ts';

const schema = optionsOf('gradient-times-input', {});

/**
 * Makes gradient times input (Shrikumar et al. 2016, "Not just a black box", section 3.2): each number times the gradient of the outcome by it.
 * It is the first order of the difference to an input of zeros, so it needs one gradient and says nothing where the network saturates.
 */
export function gradientTimesInput(options: Readonly<Record<string, never>> = {}): Method {
  checkOptions('gradientTimesInput', schema, options);
  return {
    kind: 'gradient-times-input',
    complete: false,
    alone: true,
    attribute: async (subject) => {
      const { input } = subject;
      const values = zerosLike(input);
      await subject.gradients(
        1,
        () => input,
        (_, gradient) => {
          for (const [p, value] of values.entries()) value.set(gradient[p]!.map((slope, at) => slope * input[p]![at]!));
        },
      );
      return values;
    },
  };
}

/** `gradientTimesInput`, as files name it. */
export const gradientTimesInputKind: Kind<Method, Readonly<Record<string, never>>> = {
  kind: 'gradient-times-input',
  about: 'Each number times the gradient of the outcome by it: one gradient, and blind where the network saturates.',
  options: schema,
  build: gradientTimesInput,
};
