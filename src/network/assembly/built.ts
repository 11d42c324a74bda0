import type * as tf from '@tensorflow/tfjs';
import type { Head, Label, Metric, Stem, Writing } from '../../task/contract.ts';
import type { Source } from '../../task/source.ts';
import type { AnyTask } from '../../task/task.ts';
import type { ColumnBody, ColumnPlan, Decoder } from '../../trunk/index.ts';

/** How a stem's examples come into an earlier column: through a stem of that column, or as its own tokens. */
export type LateralRoute =
  | {
      readonly stem: BuiltStem;
      /** What marks that stem's tokens in the earlier column, `[width]`. */
      readonly type?: tf.Variable | undefined;
    }
  | {
      readonly stem?: undefined;
      /** Brings tokens `[batch, positions, width]` to the earlier column's width. */
      readonly fit: (tokens: tf.Tensor3D) => tf.Tensor3D;
    };

/** A stem with its weights; several tasks of one column may hold the same one. */
export interface BuiltStem {
  /** The first task that named it. */
  readonly name: string;
  /** What the names of its variables begin with: `stem/NAME`. */
  readonly scope: string;
  readonly implementation: Stem<unknown>;
  /** The number of the column that its tokens go into. */
  readonly column: number;
  /** How its examples come into each earlier column. */
  readonly routes: readonly LateralRoute[];
}

/** What writes the symbols of a task: the decoder that all of a column's tasks share, and what is the task's own. */
export interface BuiltWriting {
  readonly decoder: Decoder;
  /** `[width]`: stands before the first symbol. */
  readonly command: tf.Variable;
  readonly writes: Writing;
}

/** One of a task's inputs: the stem that takes it, and what marks its tokens among those of others. */
export interface InputPart {
  /** Its name in an example's record; undefined where an example has one input. */
  readonly name?: string | undefined;
  readonly stem: BuiltStem;
  /** `[width]`: it is added to its tokens. */
  readonly type?: tf.Variable | undefined;
}

/** What takes the examples of a task: one stem, or several whose tokens stand one after the other. Tasks of one column may hold the same. */
export interface BuiltInput {
  /** What names its parts: the stem's scope, or `stem/TASK` of the first task that named these several. */
  readonly scope: string;
  /** The number of the column that its tokens go into. */
  readonly column: number;
  readonly parts: readonly InputPart[];
  /** Every example becomes so many tokens, where their number never varies. */
  readonly positions: number | undefined;
}

/** A task with its weights. */
export interface BuiltTask {
  readonly definition: AnyTask;
  readonly name: string;
  /** The head reads after so many blocks, where that is not the last one. */
  readonly at: number | undefined;
  readonly input: BuiltInput;
  readonly head: Head<unknown, unknown>;
  /** What writes its symbols, for a head that writes. */
  readonly writing?: BuiltWriting | undefined;
  /** The head's metrics, and after them those of the task. */
  readonly metrics: readonly Metric[];
  /** What the names of the head's variables begin with: `head/NAME`, of the first task that named the head object. */
  readonly scope: string;
  readonly label: Label;
}

/** A task whose head writes. */
export type WritingTask = BuiltTask & { readonly writing: BuiltWriting };

export const isWriting = (task: BuiltTask): task is WritingTask => task.writing !== undefined;

/** A stem that a raw example goes through, and the part of the task's input that it takes. */
export interface Entry {
  readonly part: InputPart;
  readonly stem: BuiltStem;
}

/** Lists the stems that a raw example goes through: of each part its own one, then those of earlier columns. */
export const entriesOf = ({ parts }: BuiltInput): readonly Entry[] =>
  parts.flatMap((part) => {
    const stems = new Set([part.stem, ...part.stem.routes.flatMap((route) => route.stem ?? [])]);
    return [...stems].map((stem) => ({ part, stem }));
  });

/**
 * Names what `entriesOf` lists for programs elsewhere: each after its place in an example's record, or `input`; a stem of an earlier column
 * that takes the same in a form of its own has its task's name after that.
 */
export const entryNames = (input: BuiltInput): readonly string[] =>
  entriesOf(input).map(({ part, stem }) => {
    const name = part.name ?? 'input';
    return stem === part.stem ? name : `${name}.${stem.name}`;
  });

/** Lists the scopes of all that a task's input is made of. */
export const scopesOf = ({ scope, parts }: BuiltInput): readonly string[] => [
  ...new Set([scope, ...parts.map(({ stem }) => stem.scope)]),
];

/** A column in a network: its plan, its blocks, and the tasks whose stems lead into it and whose heads read it. */
export interface BuiltColumn {
  readonly plan: ColumnPlan;
  readonly body: ColumnBody;
  readonly tasks: readonly BuiltTask[];
  /** The task whose stem was named for the routes into earlier columns. */
  readonly routeStem?: string | undefined;
}

/** Tasks that share source and input: one batch goes through stems and trunk for all of them. */
export interface Pass {
  readonly source: Source<unknown, unknown>;
  readonly input: BuiltInput;
  readonly tasks: readonly BuiltTask[];
  /** Each task's place in the list of tasks that was grouped. */
  readonly places: readonly number[];
  /** The scopes of parts that run in inference mode in a training step too, since nothing of them is trained in it. Absent: none. */
  readonly still?: ReadonlySet<string>;
}

/** The pass of a task alone. */
export const passOf = (task: BuiltTask): Pass => ({
  source: task.definition.source,
  input: task.input,
  tasks: [task],
  places: [0],
});

/** Groups tasks by source and input, in the order of the tasks. */
export function passesOf(tasks: readonly BuiltTask[]): readonly Pass[] {
  const passes: (Pass & { tasks: BuiltTask[]; places: number[] })[] = [];
  for (const [place, task] of tasks.entries()) {
    const source = task.definition.source as Source<unknown, unknown>;
    const shared = passes.find((pass) => pass.source === source && pass.input === task.input);
    if (shared === undefined) passes.push({ source, input: task.input, tasks: [task], places: [place] });
    else {
      shared.tasks.push(task);
      shared.places.push(place);
    }
  }
  return passes;
}

/** Puts values that stand pass by pass, one a task, into the order of the tasks that were grouped. */
export function inPlaces<T>(passes: readonly Pick<Pass, 'places'>[], values: readonly T[]): readonly T[] {
  const ordered: T[] = [];
  for (const [i, place] of passes.flatMap(({ places }) => places).entries()) ordered[place] = values[i]!;
  return ordered;
}
