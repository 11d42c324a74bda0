import type * as tf from '@tensorflow/tfjs';
import type { Head, Label, Metric, Stem } from '../../task/contract.ts';
import type { Source } from '../../task/source.ts';
import type { AnyTask } from '../../task/task.ts';

/** How a task's examples come into an earlier column: through a stem of that column, or as its own stem's tokens. */
export type LateralRoute =
  | { readonly stem: BuiltStem }
  | {
      readonly stem?: undefined;
      /** To the earlier column's width. */
      readonly fit: (tokens: tf.Tensor3D) => tf.Tensor3D;
    };

/** A stem with its weights; several tasks of one column may hold the same one. */
export interface BuiltStem {
  /** The first task that named it. */
  readonly name: string;
  /** What the names of its variables begin with: `stem/NAME`. */
  readonly scope: string;
  readonly implementation: Stem<unknown>;
  /** Number of the column that its tokens go into. */
  readonly column: number;
  /** Into each earlier column. */
  readonly routes: readonly LateralRoute[];
}

export interface BuiltTask {
  readonly definition: AnyTask;
  readonly name: string;
  readonly stem: BuiltStem;
  readonly head: Head<unknown, unknown>;
  /** The head's metrics, and after them those of the task. */
  readonly metrics: readonly Metric[];
  /** Prefix of the head's variables. */
  readonly scope: string;
  readonly label: Label;
}

/** The stems that a raw example of this one is prepared by: its own, then those of earlier columns that it goes through. */
export function stemsOf(stem: BuiltStem): readonly BuiltStem[] {
  return [...new Set([stem, ...stem.routes.flatMap((way) => way.stem ?? [])])];
}

/** Tasks that share source and stem: one batch, one trip through stem and trunk. */
export interface Pass {
  readonly source: Source<unknown, unknown>;
  readonly stem: BuiltStem;
  readonly tasks: readonly BuiltTask[];
  /** Each task's place in the list of tasks that was grouped. */
  readonly places: readonly number[];
}

/** A task alone. */
export const passOf = (task: BuiltTask): Pass => ({
  source: task.definition.source,
  stem: task.stem,
  tasks: [task],
  places: [0],
});

/** Tasks grouped by source and stem, in the order of the tasks. */
export function passesOf(tasks: readonly BuiltTask[]): readonly Pass[] {
  const passes: (Pass & { tasks: BuiltTask[]; places: number[] })[] = [];
  for (const [place, task] of tasks.entries()) {
    const source = task.definition.source as Source<unknown, unknown>;
    const shared = passes.find((pass) => pass.source === source && pass.stem === task.stem);
    if (shared === undefined) passes.push({ source, stem: task.stem, tasks: [task], places: [place] });
    else {
      shared.tasks.push(task);
      shared.places.push(place);
    }
  }
  return passes;
}

/** What belongs to the passes' tasks, pass by pass, in the order of the list that was grouped. */
export function inPlaces<T>(passes: readonly Pick<Pass, 'places'>[], values: readonly T[]): readonly T[] {
  const ordered: T[] = [];
  for (const [i, place] of passes.flatMap(({ places }) => places).entries()) ordered[place] = values[i]!;
  return ordered;
}
