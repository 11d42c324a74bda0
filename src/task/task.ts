import type { ServiceIdentifier } from 'inversify';
import { check, number } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Head, HeadFactory, Metric, Stem, StemFactory } from './contract.ts';
import type { Source } from './source.ts';

/** A stem comes from a factory, or from a class or token that a plugin's module binds. */
export type StemProvider<Input> = StemFactory<Input> | ServiceIdentifier<Stem<Input>>;
export type HeadProvider<Target, Prediction> =
  | HeadFactory<Target, Prediction>
  | ServiceIdentifier<Head<Target, Prediction>>;

/** A task is a name, a stem, a head and a source. Tasks that name the same stem, head or source object share it. */
export interface Task<Input, Target, Prediction, Name extends string = string> {
  readonly name: Name;
  readonly stem: StemProvider<Input>;
  readonly head: HeadProvider<Target, Prediction>;
  readonly source: Source<Input, Target> | Source<Input, Readonly<Record<string, Target>>>;
  /** The name of this task's label, where the source gives a record of labels. */
  readonly target?: string | undefined;
  /** The factor of this task's loss in the objective. */
  readonly weight: number;
  /** The factor on the learning rate of this task's own stem and head. */
  readonly learningRate: number;
  /** Metrics that are measured beside those of the head; each network makes its own. */
  readonly metrics?: readonly (() => Metric<Target, Prediction>)[];
  /** The plugin that brought the task, where one was loaded by name: it is saved, and named where the task is missing. */
  readonly plugin?: string;
}
// biome-ignore lint/suspicious/noExplicitAny: a list of tasks holds every kind of input, target and prediction
export type AnyTask = Task<any, any, any>;

export interface TaskOptions<Name extends string, Input, Target, Prediction> {
  /** Letters, digits, `-` and `_`; it names the task's weights, events and metrics. */
  readonly name: Name;
  readonly stem: StemProvider<Input>;
  readonly head: HeadProvider<Target, Prediction>;
  readonly source: Source<Input, Target> | Source<Input, Readonly<Record<string, Target>>>;
  readonly target?: string;
  readonly weight?: number;
  readonly learningRate?: number;
}

const FACTOR = number({ least: 0 }, 'a finite number >= 0');

/**
 * Defines a task. The stem's input type and the source's must agree, as must the head's target and the source's.
 * @throws BanyanError `argument` for an unusable name, or a weight or learning-rate factor that is not finite and >= 0.
 */
export function defineTask<const Name extends string, Input, Target, Prediction>(
  options: TaskOptions<Name, Input, Target, Prediction>,
): Task<Input, Target, Prediction, Name> {
  const { name, stem, head, source, target, weight = 1, learningRate = 1 } = options;
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    throw new BanyanError(
      'argument',
      `A task cannot be named ${JSON.stringify(name)}: expected a letter, then letters, digits, "-" or "_". Rename the task.`,
    );
  }
  check(`Task "${name}"`, { weight, learningRate }, FACTOR);
  return { name, stem, head, source, target, weight, learningRate };
}
