import type { GramMethod, Matrix, MethodState, StepStatistics } from '../../balance/index.ts';
import { pick, put } from '../../balance/taking-part.ts';
import { BanyanError } from '../../error.ts';

/** Relative rounding of float32: that of products of gradients. */
export const FLOAT32 = 2 ** -23;

/** Which tasks take part in a step, and, where there is one, in its second batch. */
export interface Presence {
  readonly present: readonly number[];
  readonly second?: readonly number[];
}

/** Puts numbers of the tasks that take part into a list of all tasks, with 0 for the others. */
export const amongAll = (numbers: ArrayLike<number>, present: readonly number[], all: number): Float64Array =>
  put(new Float64Array(all), present, numbers);

/** Says which tasks take part where not all do. */
export const amongFew = (tasks: readonly number[], all: number): Pick<StepStatistics, 'tasks'> =>
  tasks.length === all ? {} : { tasks };

/** Gives the rows and columns of a matrix at these positions. */
const submatrix = (matrix: Matrix, rows: readonly number[], columns: readonly number[]): Matrix =>
  rows.map((i) => columns.map((j) => matrix[i]![j]!));

/**
 * Gives the weights of a step, `[tasks]`, and moves the method's state. The method sees the tasks that take part alone, as if there
 * were no others; those have the weight 0. Where one is left of several, an aggregator has nothing to balance: its weight is 1.
 * @throws BanyanError `diverged` for weights that are not finite.
 */
export function weigh(
  method: Pick<GramMethod<unknown>, 'name' | 'balances' | 'needs'>,
  state: MethodState,
  step: StepStatistics,
  { present, second }: Presence,
): Float64Array {
  const all = step.losses.length;
  const looks =
    (method.needs.includes('gram') || method.needs.includes('second-batch')) && !method.needs.includes('average');
  if (present.length === 0) return new Float64Array(all);
  if (present.length === 1 && all > 1 && looks && method.balances === 'gradients') return amongAll([1], present, all);
  const { losses, gram, cross } = step;
  const columns = second ?? present;
  const statistics: StepStatistics = {
    ...step,
    ...amongFew(present, all),
    losses: pick(losses, present),
    ...(gram === undefined ? {} : { gram: submatrix(gram, present, present) }),
    ...(cross === undefined
      ? {}
      : {
          cross: submatrix(cross, present, columns),
          ...(columns.length === all ? {} : { second: columns }),
        }),
  };
  const weights = state.weights(statistics);
  if (weights.every(Number.isFinite)) return amongAll(weights, present, all);
  throw new BanyanError(
    'diverged',
    `Update ${step.step}: balance "${method.name}" gave weights ${[...weights].join(', ')} for losses ${[...statistics.losses].join(', ')}, expected finite numbers. Lower the learning rate, or choose another method.`,
  );
}
