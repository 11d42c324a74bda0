import type { ServiceIdentifier } from 'inversify';
import { check, number, wholeNumber } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Head, HeadFactory, Metric, Stem, StemFactory } from './contract.ts';
import type { Source } from './source.ts';

/** A stem comes from a factory, or from a class or token that a plugin's module binds. */
export type StemProvider<Input> = StemFactory<Input> | ServiceIdentifier<Stem<Input>>;
export type HeadProvider<Target, Prediction> =
  | HeadFactory<Target, Prediction>
  | ServiceIdentifier<Head<Target, Prediction>>;

/** Gives the provider of a stem for each name in an example's record of inputs. */
export type StemProviders<Inputs> = { readonly [Input in keyof Inputs]: StemProvider<Inputs[Input]> };

/** A row stands in a table. */
export interface RowPlace {
  /** An error calls the row so: `houses.csv, line 7`. */
  readonly row: string;
  /** Paths in the row begin in this folder; undefined where it may name no file: it has come from another machine. */
  readonly folder: string | undefined;
}

/** The members of every task, whatever takes its examples. */
interface TaskMembers<Input, Target, Prediction, Name extends string> {
  readonly name: Name;
  readonly head: HeadProvider<Target, Prediction>;
  readonly source: Source<Input, Target> | Source<Input, Readonly<Record<string, Target>>>;
  /** The name of this task's label, where the source gives a record of labels. */
  readonly target?: string | undefined;
  /**
   * The head reads what so many blocks of the trunk give: 0 are the tokens of the stem itself. All that follows is then none of this
   * task's. Default: all blocks.
   */
  readonly at?: number | undefined;
  /** The factor of this task's loss in the objective. */
  readonly weight: number;
  /** The factor on the learning rate of this task's own stem and head. */
  readonly learningRate: number;
  /** Metrics that are measured beside those of the head; each network makes its own. */
  readonly metrics?: readonly (() => Metric<Target, Prediction>)[];
  /** Makes the raw input of an example from a row of a table, its cells by the names of their columns, for `banyan predict`. */
  readonly fromRow?: (values: Readonly<Record<string, unknown>>, place: RowPlace) => Input | Promise<Input>;
  /** The plugin that brought the task, where one was loaded by name: it is saved, and named where the task is missing. */
  readonly plugin?: string;
}

/** A task is a name, a stem, a head and a source. Tasks that name the same stem, head or source object share it. */
export interface Task<Input, Target, Prediction, Name extends string = string>
  extends TaskMembers<Input, Target, Prediction, Name> {
  readonly stem: StemProvider<Input>;
  readonly stems?: undefined;
}

/** A task of several inputs has a stem for each name in an example's record: their tokens stand one after the other. */
export interface SeveralInputsTask<Inputs, Target, Prediction, Name extends string = string>
  extends TaskMembers<Inputs, Target, Prediction, Name> {
  readonly stem?: undefined;
  readonly stems: StemProviders<Inputs>;
}

// biome-ignore-start lint/suspicious/noExplicitAny: a list of tasks holds every kind of input, target and prediction
export type AnyTask = Task<any, any, any> | SeveralInputsTask<any, any, any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

interface CommonOptions<Name extends string, Target, Prediction, Labelled> {
  /** Letters, digits, `-` and `_`; it names the task's weights, events and metrics. */
  readonly name: Name;
  readonly head: HeadProvider<Target, Prediction>;
  readonly source: Labelled;
  readonly target?: string;
  /**
   * The head reads what so many blocks of the trunk give, for a task of a lower level (Søgaard and Goldberg 2016, "Deep multi-task learning
   * with low level tasks supervised at lower layers") or an early exit: 0 are the tokens of the stem itself. Default: all blocks.
   */
  readonly at?: number;
  readonly weight?: number;
  readonly learningRate?: number;
  /** Metrics that are measured beside those of the head; each network makes its own. */
  readonly metrics?: readonly (() => Metric<NoInfer<Target>, NoInfer<Prediction>>)[];
}

/** Options of `defineTask` for examples with one input. `Labelled` is the type of the source. */
export interface TaskOptions<
  Name extends string,
  Input,
  Target,
  Prediction,
  Labelled = Source<Input, Target> | Source<Input, Readonly<Record<string, Target>>>,
> extends CommonOptions<Name, Target, Prediction, Labelled> {
  readonly stem: StemProvider<Input>;
  readonly stems?: undefined;
}

/** Options of `defineTask` for examples whose input is a record, each part of which has a stem of its own. `Labelled`: as `TaskOptions`. */
export interface SeveralInputsOptions<
  Name extends string,
  Inputs,
  Target,
  Prediction,
  Labelled = Source<NoInfer<Inputs>, Target> | Source<NoInfer<Inputs>, Readonly<Record<string, Target>>>,
> extends CommonOptions<Name, Target, Prediction, Labelled> {
  readonly stem?: undefined;
  /** The stem for each name in the record: letters, digits, `-` and `_`. A record may hold more than that. */
  readonly stems: StemProviders<Inputs>;
}

const FACTOR = number({ least: 0 }, 'a finite number >= 0');

/**
 * Defines a task. The stem's input type and the source's must agree, as must the head's target and the source's. With `stems` an
 * example's input is a record: the tokens of each stem are marked by a learned vector, and stand one after the other.
 * @throws BanyanError `argument` for an unusable name, for a stem named both ways or not at all, or for a weight or learning-rate
 * factor that is not finite and >= 0, or an `at` that is no whole number >= 0.
 */
// Where a label is named, it is one of the source's record: said first, since a head that is written in its place takes its target from it.
export function defineTask<const Name extends string, Input, Target, Prediction>(
  options: TaskOptions<Name, Input, Target, Prediction, Source<Input, Readonly<Record<string, Target>>>> & {
    readonly target: string;
  },
): Task<Input, Target, Prediction, Name>;
export function defineTask<const Name extends string, Inputs, Target, Prediction>(
  options: SeveralInputsOptions<
    Name,
    Inputs,
    Target,
    Prediction,
    Source<NoInfer<Inputs>, Readonly<Record<string, Target>>>
  > & { readonly target: string },
): SeveralInputsTask<Inputs, Target, Prediction, Name>;
export function defineTask<const Name extends string, Input, Target, Prediction>(
  options: TaskOptions<Name, Input, Target, Prediction>,
): Task<Input, Target, Prediction, Name>;
export function defineTask<const Name extends string, Inputs, Target, Prediction>(
  options: SeveralInputsOptions<Name, Inputs, Target, Prediction>,
): SeveralInputsTask<Inputs, Target, Prediction, Name>;
export function defineTask<const Name extends string, Input, Target, Prediction>(
  options: TaskOptions<Name, Input, Target, Prediction> | SeveralInputsOptions<Name, Input, Target, Prediction>,
): Task<Input, Target, Prediction, Name> | SeveralInputsTask<Input, Target, Prediction, Name> {
  const { name, stem, stems, head, source, target, at, metrics, weight = 1, learningRate = 1 } = options;
  if (!USABLE.test(name)) {
    throw new BanyanError(
      'argument',
      `A task cannot be named ${JSON.stringify(name)}: expected a letter, then letters, digits, "-" or "_". Rename the task.`,
    );
  }
  check(`Task "${name}"`, { weight, learningRate }, FACTOR);
  if (at !== undefined) check(`Task "${name}"`, { at }, wholeNumber(0));
  const rest = { head, source, target, at, weight, learningRate, ...(metrics === undefined ? {} : { metrics }) };
  if (stem !== undefined && stems === undefined) return { name, stem, ...rest };
  if (stem !== undefined || stems === undefined) throw notOneWay(name, stems === undefined ? 'neither' : 'both');
  checkInputNames(name, Object.keys(stems));
  return { name, stems, ...rest };
}

const USABLE = /^[A-Za-z][\w-]*$/;

const notOneWay = (task: string, ways: 'neither' | 'both') =>
  new BanyanError(
    'argument',
    `Task "${task}" names ${ways} of \`stem\` and \`stems\`, expected one of them. Give \`stem\` for examples with one input, or \`stems\` for records of several.`,
  );

function checkInputNames(task: string, names: readonly string[]): void {
  const odd = names.find((name) => !USABLE.test(name));
  if (names.length > 0 && odd === undefined) return;
  throw new BanyanError(
    'argument',
    odd === undefined
      ? `Task "${task}" has no stem in its \`stems\`, expected one for each input in the record. Name them.`
      : `Task "${task}": an input cannot be named ${JSON.stringify(odd)}: expected a letter, then letters, digits, "-" or "_". Rename the input.`,
  );
}
