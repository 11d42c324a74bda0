import type { Cell } from 'banyan-ml/data';
import {
  type CellPlace,
  cellFault,
  type Kind,
  notNegative,
  optionsOf,
  rate,
  share,
  type TargetField,
  text,
} from 'banyan-ml/plugin';
import { type TagsOptions, tags } from '../../tags.ts';
import { type ClassFacts, learnClasses } from './class-names.ts';
import { lossChoice } from './loss-choice.ts';

interface TagsTargetOptions {
  readonly separator: string;
  readonly labelSmoothing: number;
  readonly loss: NonNullable<TagsOptions['loss']>;
}

/** Any number of tags, by their names. */
export const tagsTarget: Kind<TargetField, TagsTargetOptions> = {
  kind: 'tags',
  about: 'Any number of tags, by their names: a list, or a text with a separator between them.',
  options: optionsOf('tags', {
    separator: text.default(',').describe('what stands between two tags of a text'),
    labelSmoothing: rate.default(0).describe('how far each answer, yes or no, is drawn towards one half'),
    loss: lossChoice(['cross-entropy', 'focal'], 'focal', {
      gamma: notNegative.optional().describe('how little a tag counts that is told right already; default 2'),
      alpha: share.optional().describe('what a tag that is there counts, where an absent one counts 1 - alpha'),
    })
      .default('cross-entropy')
      .describe('`focal`, or `{ kind: focal, gamma: 2, alpha: 0.25 }`, for many tags of which most are absent'),
  }),
  build: ({ separator, labelSmoothing, loss }): TargetField => {
    const read = (cell: Exclude<Cell, null>, place: CellPlace): readonly string[] => {
      const parts = Array.isArray(cell) ? cell : typeof cell === 'object' ? [cell] : String(cell).split(separator);
      return parts
        .map((part: Cell) => {
          if (part !== null && typeof part !== 'object') return String(part).trim();
          throw cellFault(
            place,
            'names of tags',
            cell,
            'Write a list of names, or a text with a separator between them.',
          );
        })
        .filter((name) => name !== '');
    };
    return {
      fits: ({ cells }) => {
        const lists = cells.every((cell) => Array.isArray(cell) && cell.every((part) => typeof part === 'string'));
        return lists ? { weight: 0.9, because: 'lists of words' } : undefined;
      },
      learn: () => learnClasses(read),
      read: (cell, _, place) => [...new Set(read(cell, place))],
      head: (facts) => tags({ tags: (facts as unknown as ClassFacts).names, labelSmoothing, loss }),
    };
  },
};
