import { filter, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import type { Progress } from './progress.ts';

/** Lets a step through when the last one is `every` milliseconds ago; start, evaluations with what follows from them, and end always. */
export function paced(every: number, scheduler: SchedulerLike): MonoTypeOperatorFunction<Progress> {
  let shown = Number.NEGATIVE_INFINITY;
  return filter(({ last }) => {
    if (last === 'checkpoint' || last === 'best') return false;
    if (last === 'step' && scheduler.now() - shown < every) return false;
    // The first step is shown whenever it comes: it says how fast the training goes.
    if (last !== 'start') shown = scheduler.now();
    return true;
  });
}
