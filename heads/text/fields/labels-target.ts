import { count, type Kind, optionsOf, rate, type TargetField } from 'banyan-ml/plugin';
import { type ClassFacts, learnClasses } from '../../table/fields/class-names.ts';
import { tagger } from '../heads/tagger.ts';
import { wordsIn } from './list.ts';

interface LabelsTargetOptions {
  readonly length: number;
  readonly labelSmoothing: number;
}

/** A label for each word of the input. */
export const labelsTarget: Kind<TargetField, LabelsTargetOptions> = {
  kind: 'labels',
  about: 'A label for each word of an input of kind `words`, such as O, B-city and I-city where they mark spans.',
  options: optionsOf('labels', {
    length: count.default(64).describe('so many words are labelled: the `length` of the words'),
    labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all labels'),
  }),
  build: ({ length, labelSmoothing }): TargetField => ({
    reads: { input: 'words', options: ['length'] },
    // A list of words may as well be tags.
    fits: () => undefined,
    learn: () => learnClasses(wordsIn),
    read: (cell, _, place) => wordsIn(cell, place),
    head: (facts) => tagger({ labels: (facts as unknown as ClassFacts).names, length, labelSmoothing }),
  }),
};
