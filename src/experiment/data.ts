import {
  buildTasks,
  type DescribedTask,
  type FieldRecord,
  lookAt,
  type SharedStems,
  toDataSet,
} from '../fields/index.ts';
import type { Bindings } from '../kind/index.ts';
import type { AnyTask } from '../task/index.ts';
import type { LoadedExperiment } from './load.ts';
import type { Experiment } from './schema.ts';

/** What the fields of an experiment's tasks are and have learned, by the names of its data. */
export type FieldRecords = Readonly<Record<string, FieldRecord>>;

/** The tasks that an experiment describes in place of naming coded ones. */
export interface DescribedTasks {
  readonly tasks: readonly AnyTask[];
  readonly records: FieldRecords;
}

/**
 * Makes the tasks that an experiment describes.
 * @param records what a run has learned of the fields before; without it every row of the data is read once.
 * @throws BanyanError `data` at its place in the experiment.
 */
export async function describedTasks(
  { experiment, place }: LoadedExperiment,
  bindings: Bindings,
  records: FieldRecords = {},
): Promise<DescribedTasks> {
  const all: AnyTask[] = [];
  const learned: Record<string, FieldRecord> = {};
  const stems: SharedStems = new Map();
  for (const [name, description] of Object.entries(experiment.data ?? {})) {
    const tasks = tasksOver(experiment.tasks, name);
    if (tasks.length === 0) continue;
    const data = toDataSet(description);
    const where = (task: string) => `${place(['tasks', task])}: task "${task}"`;
    // A run that grows a column knows its own tasks, and not the new ones.
    const isKnown = tasks.every((task) => records[name]?.tasks[task.name] !== undefined);
    const record = isKnown ? records[name]! : await lookAt(data, tasks, where, bindings);
    learned[name] = record;
    all.push(...buildTasks(data, tasks, record, bindings, stems));
  }
  return { tasks: all, records: learned };
}

function tasksOver(tasks: Experiment['tasks'], data: string): readonly DescribedTask[] {
  return Object.entries(tasks).flatMap(([name, task]) =>
    task.data === data
      ? [
          {
            name,
            inputs: task.inputs!,
            target: task.target! as DescribedTask['target'],
            weight: task.weight,
            learningRate: task.learningRate,
          },
        ]
      : [],
  );
}
