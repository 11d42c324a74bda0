import { BanyanError } from 'banyan-ml';
import type { Kind, TargetField } from 'banyan-ml/plugin';
import { byName, either, notNegative, oneOf, optionsOf, rate } from 'banyan-ml/plugin';
import { balancedWeights } from '../../class-weights.ts';
import { type ClassifierOptions, classifier } from '../../classifier.ts';
import { numberIn, repeats } from './cells.ts';
import { type ClassFacts, classNameOf, classNumber, learnClasses, readClass } from './class-names.ts';
import { lossChoice } from './loss-choice.ts';

interface ClassOptions {
  readonly weights?: 'balanced' | Readonly<Record<string, number>>;
  readonly labelSmoothing: number;
  readonly loss: NonNullable<ClassifierOptions['loss']>;
}

/** One of some classes. */
export const classTarget: Kind<TargetField, ClassOptions> = {
  kind: 'class',
  about: 'One of some classes, by their names.',
  options: optionsOf('class', {
    weights: either(
      oneOf('balanced'),
      byName(notNegative, 'a section with a number for each class'),
      '"balanced", or a section with a number for each class',
    )
      .optional()
      .describe(
        'what each class counts: `balanced`, so that rare ones count as much as frequent ones, or a number for each; else 1',
      ),
    labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all classes'),
    loss: lossChoice(['cross-entropy', 'focal'], 'focal', {
      gamma: notNegative.optional().describe('how little a row counts that is told right already; default 2'),
    })
      .default('cross-entropy')
      .describe(
        '`focal` makes rows count little that are told right already, `{ kind: focal, gamma: 3 }` still less; it has no smoothing',
      ),
  }),
  build: ({ weights, labelSmoothing, loss }): TargetField => ({
    fits: (sample) => {
      const { cells, distinct } = sample;
      if (!cells.every((cell) => typeof cell !== 'object') || distinct < 2) return undefined;
      const numbers = cells.every((cell) => numberIn(cell) !== undefined);
      if (!numbers) return repeats(sample) ? { weight: 0.8, because: `${distinct} words that repeat` } : undefined;
      const few = distinct <= 10 && repeats(sample) && cells.every((cell) => Number.isInteger(numberIn(cell)));
      return few ? { weight: 0.95, because: `${distinct} whole numbers that repeat` } : undefined;
    },
    learn: () => learnClasses((cell, place) => [classNameOf(cell, place)]),
    read: (cell, facts, place) => readClass(cell, (facts as unknown as ClassFacts).names, place),
    head: (facts) => {
      const known = facts as unknown as ClassFacts;
      if (known.names.length < 2) {
        throw new BanyanError(
          'data',
          `A target of kind class has ${known.names.length === 0 ? 'no label in any row' : `the one class "${known.names[0]}"`}, expected two or more. Take another column.`,
        );
      }
      const classWeights = weights === undefined ? undefined : weightsOf(weights, known);
      return classifier({
        classes: known.names,
        loss,
        ...(labelSmoothing === 0 ? {} : { labelSmoothing }),
        ...(classWeights === undefined ? {} : { classWeights }),
      });
    },
  }),
};

function weightsOf(weights: NonNullable<ClassOptions['weights']>, facts: ClassFacts): readonly number[] {
  if (weights === 'balanced') return balancedWeights(facts.counts);
  const odd = Object.keys(weights).find((name) => classNumber(facts.names, name) === undefined);
  if (odd === undefined) return facts.names.map((name) => weights[name] ?? 1);
  throw new BanyanError(
    'data',
    `\`weights\` names the class "${odd}", which no row has. Expected one of: ${facts.names.slice(0, 20).join(', ')}. Correct the name.`,
  );
}
