import { BanyanError } from 'banyan-ml';
import { cellFault, type Kind, listOf, optionsOf, type TargetField, text } from 'banyan-ml/plugin';
import { ordinal } from '../../ordinal.ts';
import { numberIn } from './cells.ts';
import { type ClassFacts, classNameOf, classNumber, learnClasses } from './class-names.ts';

interface OrdinalTargetOptions {
  readonly levels?: readonly string[];
}

/** One of several levels in an order. */
export const ordinalTarget: Kind<TargetField, OrdinalTargetOptions> = {
  kind: 'ordinal',
  about: 'One of several levels in an order, where a level that is near is nearly right.',
  options: optionsOf('ordinal', {
    levels: listOf(text, 'a list of levels')
      .optional()
      .describe('the levels from the lowest to the highest; else they are numbers, in their order'),
  }),
  build: ({ levels }): TargetField => {
    const levelsOf = (facts: ClassFacts): readonly string[] => {
      if (levels !== undefined) return levels;
      if (facts.names.every((name) => numberIn(name) !== undefined)) return facts.names;
      throw new BanyanError(
        'data',
        `The levels ${facts.names.slice(0, 10).join(', ')} are no numbers, expected an order. Say \`levels\`, from the lowest to the highest.`,
      );
    };
    return {
      // An order cannot be seen in the cells.
      fits: () => undefined,
      learn: () => learnClasses((cell, place) => [classNameOf(cell, place)]),
      read: (cell, facts, place) => {
        const names = levelsOf(facts as unknown as ClassFacts);
        const name = classNameOf(cell, place);
        const level = classNumber(names, name);
        if (level !== undefined) return level;
        throw cellFault(
          place,
          `one of the levels ${names.join(', ')}`,
          name,
          'Correct the cell, or add it to `levels`.',
        );
      },
      head: (facts) => ordinal({ levels: levelsOf(facts as unknown as ClassFacts) }),
    };
  },
};
