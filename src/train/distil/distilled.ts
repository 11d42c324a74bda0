import { check, positive } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { type AnyNetwork, internals, openSource, outputsOf, readExamples } from '../../network/index.ts';
import { NO_NETWORK, type Source, SPLITS } from '../../task/source.ts';
import type { AnyTask } from '../../task/task.ts';
import { distilledHead, ofLabels } from './head.ts';
import { numbersOf } from './numbers.ts';
import { taughtSource } from './source.ts';

/** Options of `distilled`. */
export interface DistilOptions {
  /**
   * What the scores of classes are divided by before they become probabilities, those of teacher and student alike: above 1, the student also
   * sees which wrong classes the teacher finds likely. Default 2.
   */
  readonly temperature?: number;
}

/**
 * Makes of tasks those by which a smaller network learns from a trained one: for each example what the teacher's heads give takes the label's
 * place, so examples without a label teach too. Classes are compared as softened probabilities, other numbers by their squared error, and a head that
 * writes learns to write what the teacher writes. Metrics go on comparing with the labels.
 *
 * A network of these tasks is trained and resumed by `train` and `resume`, several tasks at once. It is saved as one of the tasks themselves: load
 * it with those. The teacher has to stay, unchanged, as long as these tasks are read; who resumes makes them again of the same teacher.
 * @throws BanyanError `argument` for a task that the teacher lacks, a head that a plugin's module binds, and a temperature that is not above 0; `data` for a source
 * without examples.
 */
export async function distilled(
  teacher: AnyNetwork,
  tasks: readonly AnyTask[],
  options: DistilOptions = {},
): Promise<readonly AnyTask[]> {
  const { temperature = 2 } = options;
  check('distilled', { temperature }, positive);
  const sources = new Map<unknown, Source<unknown, unknown>>();
  const heads = new Map<unknown, ReturnType<typeof distilledHead>>();
  const students: AnyTask[] = [];
  for (const task of tasks) {
    assertFactory(task);
    const sharing = tasks.filter(({ source }) => source === task.source);
    sources.set(task.source, sources.get(task.source) ?? taughtSource(teacher, task.source, sharing));
    // Tasks that share a head go on sharing it.
    heads.set(task.head, heads.get(task.head) ?? distilledHead(task, await numbersFrom(teacher, task), temperature));
    const { target: _, metrics, ...rest } = task;
    students.push({
      ...rest,
      head: heads.get(task.head)!,
      source: sources.get(task.source)!,
      target: task.name,
      ...(metrics && { metrics: metrics.map((make) => () => ofLabels(make(), false)) }),
    } as AnyTask);
  }
  return students;
}

/** How many numbers the teacher's head gives for the first example. */
async function numbersFrom(teacher: AnyNetwork, { name, source }: AnyTask): Promise<number> {
  const { body, lease } = internals(teacher);
  const built = body.task(name);
  await openSource(name, source);
  const split = SPLITS.find((each) => source.counts[each] > 0);
  if (split === undefined) {
    throw new BanyanError(
      'data',
      `Task "${name}": its source has no examples, expected some to learn from. Give its source a training split.`,
    );
  }
  const [example] = await readExamples(name, source, split, [0], NO_NETWORK);
  const [output] = await lease.use(() => outputsOf(body, built, [example!.input]));
  return numbersOf(output!).length;
}

function assertFactory({ name, head }: AnyTask): void {
  if (typeof head === 'function' && !/^class\b/.test(Function.prototype.toString.call(head))) return;
  throw new BanyanError(
    'argument',
    `distilled: the head of task "${name}" is bound by a module, expected a function that makes it. Name the function as the task's head.`,
  );
}
