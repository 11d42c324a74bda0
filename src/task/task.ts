import type { ServiceIdentifier } from 'inversify';
import { BanyanError } from '../error.ts';
import type { Head, HeadFactory, Metric, Stem, StemFactory } from './contract.ts';
import type { Source } from './source.ts';

/** A factory, or a class or token that a plugin's module binds. */
export type StemProvider<Input> = StemFactory<Input> | ServiceIdentifier<Stem<Input>>;
export type HeadProvider<Target, Prediction> =
  | HeadFactory<Target, Prediction>
  | ServiceIdentifier<Head<Target, Prediction>>;

/** A name, a stem, a head, a source. Tasks that name the same stem or source object share it. */
export interface Task<Input, Target, Prediction, Name extends string = string> {
  readonly name: Name;
  readonly stem: StemProvider<Input>;
  readonly head: HeadProvider<Target, Prediction>;
  readonly source: Source<Input, Target> | Source<Input, Readonly<Record<string, Target>>>;
  /** Which label of the source's record is this task's. */
  readonly target?: string | undefined;
  /** Factor of this task's loss in the objective. */
  readonly weight: number;
  /** Factor on the learning rate of this task's own stem and head. */
  readonly learningRate: number;
  /** Metrics that are measured beside those of the head; each network makes its own. */
  readonly metrics?: readonly (() => Metric<Target, Prediction>)[];
  /** The plugin that brought it, where one was loaded by name: it is saved, and named where the task is missing. */
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
  for (const [key, value] of Object.entries({ weight, learningRate })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new BanyanError(
        'argument',
        `Task "${name}": ${key} must be a finite number >= 0, received ${value}. Correct it.`,
      );
    }
  }
  return { name, stem, head, source, target, weight, learningRate };
}
