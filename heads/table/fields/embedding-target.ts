import { count, type Kind, optionsOf, positive, type TargetField } from 'banyan-ml/plugin';
import { embedder } from '../../embedder.ts';
import { type ClassFacts, classNameOf, learnClasses, readClass } from './class-names.ts';

interface EmbeddingOptions {
  readonly size: number;
  readonly temperature: number;
}

/** A vector, near to those of its class. */
export const embeddingTarget: Kind<TargetField, EmbeddingOptions> = {
  kind: 'embedding',
  about: 'A vector for each row, near to those of rows of the same class or name and far from all others.',
  options: optionsOf('embedding', {
    size: count.default(64).describe('numbers of a vector'),
    temperature: positive.default(0.1).describe('the less, the more the nearest rows count'),
  }),
  build: ({ size, temperature }): TargetField => ({
    // Its cells are those of classes.
    fits: () => undefined,
    learn: () => learnClasses((cell, place) => [classNameOf(cell, place)]),
    read: (cell, facts, place) => readClass(cell, (facts as unknown as ClassFacts).names, place),
    head: (facts) => embedder({ size, temperature, classes: (facts as unknown as ClassFacts).names }),
  }),
};
