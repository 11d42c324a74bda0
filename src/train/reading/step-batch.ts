import type { BufferPool, HostPass, Pass, PreparedPass } from '../../network/index.ts';
import type { ReadingState } from './reading-state.ts';

/** One step's numbers on the host, there until the update after it begins, and where reading stood once they were read. */
export interface StepBatch {
  readonly passes: readonly HostPass[];
  /** Whose numbers these are. */
  readonly drawn: readonly Pass[];
  readonly after: ReadingState;
  /** What the workers have agreed on before the step; absent where this process trains alone. */
  readonly agreed?: Agreed;
}

/** What the workers agree on before each step. */
export interface Agreed {
  /** Somebody asks for the end of the training: this step is not made any more. */
  readonly ends: boolean;
  /** The chief wants a checkpoint of the steps before. */
  readonly saves: boolean;
}

/** A batch that was read, and is not padded yet: how long it has to be may depend on what others read. */
export interface UnpaddedBatch {
  readonly prepared: readonly PreparedPass[];
  readonly drawn: readonly Pass[];
  readonly after: ReadingState;
  /** Where there is room for it. */
  readonly pool: BufferPool;
}

/** Leaves of a batch what is for these passes, each of them a part of one of those that were drawn. */
export function narrow(batch: StepBatch, passes: readonly Pass[]): StepBatch {
  if (countTasks(passes) === countTasks(batch.drawn)) return { ...batch, drawn: passes };
  const parts = passes.map(({ source, input, tasks }): HostPass => {
    const p = batch.drawn.findIndex((pass) => pass.source === source && pass.input === input);
    const { inputs, labels } = batch.passes[p]!;
    return { inputs, labels: tasks.map((task) => labels[batch.drawn[p]!.tasks.indexOf(task)]!) };
  });
  return { ...batch, passes: parts, drawn: passes };
}

const countTasks = (passes: readonly Pass[]): number => passes.reduce((sum, { tasks }) => sum + tasks.length, 0);
