import type { Environment, SeenObject } from 'banyan-ml';
import type { SourceContext } from 'banyan-ml/data';
import type { World } from '../world.ts';
import type { BoxOf } from './marker.ts';
import { type Lesson, lessonOf } from './relations.ts';
import { objectsOf } from './seen.ts';

/** What became of a step. */
export type Outcome = Pick<Lesson, 'action' | 'reward' | 'ended'>;

/** How a source sees objects: as the environment lists them, or through eyes. */
export interface Seeing {
  look(worlds: readonly World[], context: SourceContext): Promise<readonly (readonly SeenObject[])[]>;
  /** Makes a lesson of what was seen before and after a step. */
  lesson(before: readonly SeenObject[], after: readonly SeenObject[], outcome: Outcome): Lesson;
  /** The names of types; first of the one that acts. */
  readonly types: readonly string[];
  /** Says where an object is in a picture of the environment; undefined where that is not known. */
  readonly boxOf: BoxOf | undefined;
}

/** Sees what environments list; their objects stay where they are until they are touched. */
export const listed = ({ objectTypes = [], cell }: Pick<Environment, 'objectTypes' | 'cell'>): Seeing => ({
  look: async (worlds) => worlds.map(({ environment }) => objectsOf(environment)),
  lesson: lessonOf,
  types: objectTypes,
  boxOf:
    cell === undefined
      ? undefined
      : ({ row, column }) => ({ row: (row + 0.5) * cell, column: (column + 0.5) * cell, size: cell }),
});
