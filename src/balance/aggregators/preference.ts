import type { StepStatistics } from '../method.ts';
import { checkLength } from '../options.ts';
import { pick, takingPart } from '../taking-part.ts';

/** Returns the preferences of the tasks that take part in a step: those of `prefVector`, or 1/K each. */
export function preference(
  method: string,
  prefVector: readonly number[] | undefined,
  tasks: number,
): (step: Pick<StepStatistics, 'tasks'>) => Float64Array {
  if (prefVector !== undefined) checkLength(`${method}: prefVector`, prefVector, tasks, 'tasks');
  return (step) => {
    const present = takingPart(step, tasks);
    return prefVector === undefined
      ? new Float64Array(present.length).fill(1 / present.length)
      : pick(prefVector, present);
  };
}
