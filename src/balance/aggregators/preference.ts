import { checkLength } from '../options.ts';

/** The preference given for each task, or 1/K for all. */
export function preference(method: string, given: readonly number[] | undefined, tasks: number): Float64Array {
  if (given === undefined) return new Float64Array(tasks).fill(1 / tasks);
  checkLength(`${method}: prefVector`, given, tasks, 'tasks');
  return Float64Array.from(given);
}
