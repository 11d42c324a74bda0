import { BanyanError } from '../../error.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { columnsOf } from '../assembly/summary.ts';
import { type Adapter, byTotal, parametersOf, sensitivities, sizeOf, withoutWeakest } from './lateral-inputs.ts';
import { kernelsOf, rebuild } from './lateral-kernels.ts';
import { type Metrics, measure } from './metrics.ts';

/** In how many rounds single channels go, while their loss is watched. */
const ROUNDS = 8;

/** Says how far to prune: give one of the two. */
export interface PruneOptions {
  /** The share of lateral inputs (channels of earlier columns into blocks) to keep, 0 to 1. */
  readonly keep?: number;
  /** How much a task's first metric may get worse on the validation split, in the metric's own unit (0.01: one point of accuracy). */
  readonly maxLoss?: number;
}

/** A measurement with some of the lateral inputs left. */
export interface PrunePoint {
  /** How many lateral inputs are left. */
  readonly inputs: number;
  /** How many numbers are trained in the column's lateral adapters. */
  readonly parameters: number;
  /** The metrics of the column's tasks on the validation split. */
  readonly metrics: Metrics;
}

export interface Pruning {
  /** The measurements, from all inputs to the fewest that were tried. */
  readonly curve: readonly PrunePoint[];
  /** The measurement of the network as it is now. */
  readonly kept: PrunePoint;
}

/**
 * Removes lateral inputs of the last column in the order of their Fisher sensitivity: whole adapters (all that comes from one
 * column into one block), then single channels. While it tries, the rows of what is removed are 0; at the end the column is
 * built again without them.
 */
export async function pruneLastColumn(body: NetworkBody, options: PruneOptions): Promise<Pruning> {
  checkOptions(options);
  const { plan, tasks } = body.columns.at(-1)!;
  if (plan.inputs.every((inputs) => inputs.length === 0)) {
    throw new BanyanError(
      'argument',
      'pruneLaterals: the last column has no lateral inputs, expected some. Add a column first.',
    );
  }
  const names = tasks.map(({ name }) => name);
  const adapters = await sensitivities(body);
  const kernels = kernelsOf(body, plan);
  const curve: PrunePoint[] = [];
  const tryOut = async (left: readonly Adapter[]): Promise<PrunePoint> => {
    kernels.keep(left);
    const point = {
      inputs: sizeOf(left),
      parameters: parametersOf(plan, left),
      metrics: await measure(body, { tasks: names, split: 'validation' }),
    };
    curve.push(point);
    return point;
  };
  try {
    const whole = await tryOut(adapters);
    const { keep, maxLoss } = options;
    const left =
      keep !== undefined
        ? await pruneTo(Math.round(keep * sizeOf(adapters)), adapters, tryOut)
        : await pruneWhile((point) => worst(body, whole, point) <= maxLoss!, adapters, tryOut);
    kernels.restore();
    rebuild(body, plan, left);
    const metrics = await measure(body, { tasks: names, split: 'validation' });
    const { lateral } = columnsOf(body).at(-1)!.parameters;
    return { curve, kept: { inputs: sizeOf(left), parameters: lateral, metrics } };
  } catch (error) {
    kernels.restore();
    throw error;
  } finally {
    kernels.dispose();
  }
}

type TryOut = (left: readonly Adapter[]) => Promise<PrunePoint>;

/** Prunes down to so many inputs. */
async function pruneTo(target: number, all: readonly Adapter[], tryOut: TryOut): Promise<readonly Adapter[]> {
  let left = [...all].sort(byTotal);
  while (left.length > 0 && sizeOf(left) - left[0]!.channels.length >= target) {
    left = left.slice(1);
    await tryOut(left);
  }
  if (sizeOf(left) > target) {
    left = withoutWeakest(left, sizeOf(left) - target);
    await tryOut(left);
  }
  return left;
}

/** Prunes as far as the metrics allow. */
async function pruneWhile(
  good: (point: PrunePoint) => boolean,
  all: readonly Adapter[],
  tryOut: TryOut,
): Promise<readonly Adapter[]> {
  let left: readonly Adapter[] = [...all].sort(byTotal);
  while (left.length > 0 && good(await tryOut(left.slice(1)))) left = left.slice(1);
  const whole = left;
  for (let round = 1; round < ROUNDS; round++) {
    const fewer = withoutWeakest(whole, Math.floor((round * sizeOf(whole)) / ROUNDS));
    if (sizeOf(fewer) === sizeOf(left)) continue;
    if (!good(await tryOut(fewer))) break;
    left = fewer;
  }
  return left;
}

/** Says how much worse the worst of the tasks' first metrics has become. */
function worst(body: NetworkBody, before: PrunePoint, after: PrunePoint): number {
  const losses = Object.entries(before.metrics).map(([task, metrics]) => {
    const [metric] = body.task(task).head.metrics;
    const name = metric?.name ?? 'loss';
    const change = after.metrics[task]![name]! - metrics[name]!;
    return metric !== undefined && (metric.higherIsBetter ?? true) ? -change : change;
  });
  return losses.reduce((a, b) => Math.max(a, b));
}

function checkOptions({ keep, maxLoss }: PruneOptions): void {
  const good =
    (keep === undefined) !== (maxLoss === undefined) &&
    (keep === undefined || (keep >= 0 && keep <= 1)) &&
    (maxLoss === undefined || maxLoss >= 0);
  if (good) return;
  throw new BanyanError(
    'argument',
    `pruneLaterals: expected either keep, a number from 0 to 1, or maxLoss, a number >= 0, received keep ${keep}, maxLoss ${maxLoss}. Give one of the two, in its range.`,
  );
}
