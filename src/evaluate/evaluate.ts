import { check, positive } from '../check.ts';
import { type AnyNetwork, checkPart, internals, type Metrics, measure } from '../network/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import type { Split } from '../task/source.ts';

export type { Metrics } from '../network/index.ts';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The names of the tasks to measure. Default: all. */
  readonly tasks?: readonly string[];
  /** Default: `test` where a task has one, else `validation`. */
  readonly split?: Split;
  /** At most so many examples of each task are looked at, drawn from the whole split, the same each time. Default: all. */
  readonly examples?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
  /** Ends the evaluation early, between two batches: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The seconds that an `open()` or `read()` of a source may take at most. Default: any time, with a warning now and then. */
  readonly sourceTimeout?: number;
}

/**
 * Measures a network's metrics on held-out examples, in inference mode, without any random draw.
 * @throws BanyanError `data` for a split that a task does not have, `argument` for an unknown task, and for a number of examples or
 * seconds that is none.
 */
export async function evaluate(network: AnyNetwork, options: EvaluateOptions = {}): Promise<Metrics> {
  const { examples, sourceTimeout } = options;
  if (examples !== undefined) checkPart('evaluate: examples', examples);
  if (sourceTimeout !== undefined) check('evaluate', { sourceTimeout }, positive);
  const { body, lease } = internals(network);
  const tasks = options.tasks ?? body.boundTasks.map(({ name }) => name);
  return lease.use(() => measure(body, { ...options, tasks }));
}
