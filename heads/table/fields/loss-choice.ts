import { either, oneOf, optionsOf } from 'banyan-ml/plugin';

/** Makes the leaf of a loss: one of these names, or a section with the kind and the options of the one that has some. */
export const lossChoice = <
  const Names extends readonly string[],
  const Kind extends string,
  Options extends Parameters<typeof optionsOf>[1],
>(
  names: Names,
  kind: Kind,
  options: Options,
) =>
  either(
    oneOf(...names),
    optionsOf(kind, { kind: oneOf(kind).describe('the loss that has options'), ...options }),
    `one of ${names.map((name) => `"${name}"`).join(', ')}, or a section with kind: ${kind} and its options`,
  );
