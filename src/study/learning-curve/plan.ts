import type { StudyRun } from '../study.ts';

/** How a task is trained: with all tasks of the experiment, or by itself. */
export type CurveWay = 'together' | 'alone';

/** One training on a part of a task's examples. */
export interface CurveRun extends StudyRun {
  readonly way: CurveWay;
  /** The part of the training examples, above 0 and at most 1. */
  readonly fraction: number;
  readonly seed: number;
}

/** Plans the trainings. The outermost loop is over the seeds: a measurement that is cut short holds whole repetitions. */
export function planCurve(
  task: string,
  ways: readonly CurveWay[],
  fractions: readonly number[],
  seeds: readonly number[],
): readonly CurveRun[] {
  return seeds.flatMap((seed) =>
    ways.flatMap((way) =>
      fractions.map((fraction) => ({
        name: `${task}-${way}-${fraction}-seed-${seed}`,
        title: `seed ${seed} · ${task} ${way} · ${Number((100 * fraction).toPrecision(3))} %`,
        way,
        fraction,
        seed,
      })),
    ),
  );
}
