import type { CheckedExperiment } from '../../experiment/load.ts';
import type { StudyRun } from '../study.ts';
import type { AskedSearch } from './context.ts';

/** One training of a search, or one trial that some worker has ended. */
export interface SearchRun extends StudyRun {
  /** `alone`: a task by itself, to compare with; `trial`: one of the settings; `winner`: the best of these again. */
  readonly kind: 'alone' | 'trial' | 'winner';
  /** The task that is trained alone. */
  readonly alone?: string;
  /** The place of a trial in the order in which they end, from 0. */
  readonly place?: number;
  /** The seed of a winner's training. */
  readonly seed?: number;
}

/** Plans the runs of a search: the tasks alone, the trials, and the winner on seeds that no trial had. */
export function planSearch(
  { seed }: CheckedExperiment,
  { trials, seeds }: AskedSearch,
  baselines: readonly string[],
): readonly SearchRun[] {
  return [
    ...baselines.map((alone) => ({ name: `alone-${alone}`, title: `${alone} alone`, kind: 'alone' as const, alone })),
    ...Array.from({ length: trials }, (_, place) => ({
      name: `trial-${place}`,
      title: 'trial',
      kind: 'trial' as const,
      place,
      // A trial that fails takes no other with it.
      group: `trial-${place}`,
    })),
    ...Array.from({ length: seeds }, (_, i) => ({
      name: `winner-seed-${seed + 1 + i}`,
      title: `the winner with seed ${seed + 1 + i}`,
      kind: 'winner' as const,
      seed: seed + 1 + i,
    })),
  ];
}
