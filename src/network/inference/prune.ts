import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { columnScope, fromName, inColumn, lateralName } from '../../scope.ts';
import type { ColumnPlan, LateralInput } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { columnsOf } from '../assembly/summary.ts';
import { fisherOf, type Places } from './fisher.ts';
import { heldOutBatches } from './held-out.ts';
import { type Metrics, measure } from './metrics.ts';

/** Examples that a sensitivity is measured on. */
const EXAMPLES = 256;
/** In how many rounds single channels go, while their loss is watched. */
const ROUNDS = 8;

/** How far to prune: give one of the two. */
export interface PruneOptions {
  /** The share of lateral inputs (channels of earlier columns into blocks) to keep, 0 to 1. */
  readonly keep?: number;
  /** How much a task's first metric may get worse on the validation split, in the metric's own unit (0.01: one point of accuracy). */
  readonly maxLoss?: number;
}

/** What was measured when so many lateral inputs were left. */
export interface PrunePoint {
  readonly inputs: number;
  /** Numbers trained in the column's lateral adapters. */
  readonly parameters: number;
  /** Of the column's tasks, on the validation split. */
  readonly metrics: Metrics;
}

export interface Pruning {
  /** From all inputs to the fewest that were tried. */
  readonly curve: readonly PrunePoint[];
  /** As the network is now. */
  readonly kept: PrunePoint;
}

/** Channels of an earlier column into a block, each with its sensitivity. */
interface Adapter {
  readonly block: number;
  readonly column: number;
  readonly channels: readonly { readonly channel: number; readonly sensitivity: number }[];
}

const sizeOf = (adapters: readonly Adapter[]) => adapters.reduce((sum, { channels }) => sum + channels.length, 0);
const totalOf = ({ channels }: Adapter) => channels.reduce((sum, { sensitivity }) => sum + sensitivity, 0);
const byTotal = (a: Adapter, b: Adapter) => totalOf(a) - totalOf(b);

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
  const weights = adaptersOf(body, plan);
  const curve: PrunePoint[] = [];
  const tryOut = async (left: readonly Adapter[]): Promise<PrunePoint> => {
    weights.keep(left);
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
    weights.restore();
    rebuild(body, plan, left);
    const metrics = await measure(body, { tasks: names, split: 'validation' });
    const { lateral } = columnsOf(body).at(-1)!.parameters;
    return { curve, kept: { inputs: sizeOf(left), parameters: lateral, metrics } };
  } catch (error) {
    weights.restore();
    throw error;
  } finally {
    weights.dispose();
  }
}

type TryOut = (left: readonly Adapter[]) => Promise<PrunePoint>;

/** Down to so many inputs. */
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

/** As far as the metrics allow. */
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

/** Without the `count` least sensitive channels of all. */
function withoutWeakest(adapters: readonly Adapter[], count: number): Adapter[] {
  const ranked = adapters
    .flatMap((adapter) => adapter.channels.map((channel) => ({ adapter, channel })))
    .sort((a, b) => a.channel.sensitivity - b.channel.sensitivity);
  const gone = new Set(ranked.slice(0, count).map(({ channel }) => channel));
  return adapters
    .map((adapter) => ({ ...adapter, channels: adapter.channels.filter((channel) => !gone.has(channel)) }))
    .filter(({ channels }) => channels.length > 0);
}

/** How much worse the worst of the first metrics has become. */
function worst(body: NetworkBody, before: PrunePoint, after: PrunePoint): number {
  const losses = Object.entries(before.metrics).map(([task, metrics]) => {
    const [metric] = body.task(task).head.metrics;
    const name = metric?.name ?? 'loss';
    const change = after.metrics[task]![name]! - metrics[name]!;
    return metric !== undefined && (metric.higherIsBetter ?? true) ? -change : change;
  });
  return losses.reduce((a, b) => Math.max(a, b));
}

/** What comes into the last column, with the Fisher sensitivity of each channel; sums over its tasks. */
async function sensitivities(body: NetworkBody): Promise<readonly Adapter[]> {
  const { plan, tasks } = body.columns.at(-1)!;
  const last = body.columns.length - 1;
  const place = (block: number, from: number) => `${block} ${from}`;
  const places: Places = {
    name: 'laterals',
    tap: (visit) => ({
      lateral: (column, block, from, tokens, call) =>
        column === last ? visit(place(block, from), tokens, call) : tokens,
    }),
  };
  const sums = new Map<string, Float64Array>();
  for (const task of tasks) {
    const batches = await heldOutBatches(body, task, EXAMPLES);
    for (const [at, { information }] of await fisherOf(body, task, batches, places, 'auto')) {
      const sum = sums.get(at);
      sums.set(at, sum === undefined ? information : sum.map((value, c) => value + information[c]!));
    }
  }
  return plan.inputs.flatMap((inputs, block) =>
    inputs.map((input) => {
      const values = sums.get(place(block, input.column))!;
      const channels = channelsOf(input).map((channel) => ({ channel, sensitivity: values[channel]! }));
      return { block, column: input.column, channels };
    }),
  );
}

const channelsOf = ({ width, channels }: LateralInput): readonly number[] =>
  channels ?? Array.from({ length: width }, (_, channel) => channel);

const kernelName = (column: number, { block, column: from }: Pick<Adapter, 'block' | 'column'>) =>
  `${inColumn(column, lateralName(block))}/${fromName(from)}/reduce/kernel`;

/** The kernels behind the lateral inputs, one row an input: lets rows be 0 for a while. */
function adaptersOf(body: NetworkBody, plan: ColumnPlan) {
  const last = body.columns.length - 1;
  const kernels = plan.inputs.flatMap((inputs, block) =>
    inputs.map((input) => {
      const name = kernelName(last, { block, column: input.column });
      const { variable } = body.store.all().find((v) => v.name === name)!;
      return { block, input, variable, value: variable.clone() };
    }),
  );
  return {
    keep(left: readonly Adapter[]): void {
      for (const { block, input, variable, value } of kernels) {
        const adapter = left.find((candidate) => candidate.block === block && candidate.column === input.column);
        const kept = new Set(adapter?.channels.map(({ channel }) => channel));
        const rows = channelsOf(input).map((channel) => [kept.has(channel) ? 1 : 0]);
        tf.tidy(() => variable.assign(value.mul(tf.tensor2d(rows))));
      }
    },
    restore(): void {
      for (const { variable, value } of kernels) if (!variable.isDisposed) variable.assign(value);
    },
    dispose(): void {
      for (const { value } of kernels) value.dispose();
    },
  };
}

/** Numbers trained in the adapters when only these inputs are left. */
function parametersOf({ trunk: { width }, laterals }: ColumnPlan, left: readonly Adapter[]): number {
  const linear = sizeOf(left) * width;
  if (laterals === 'linear') return linear;
  const blocks = new Set(left.map(({ block }) => block)).size;
  return linear + left.length + blocks * width * width;
}

/** Builds the column with these inputs alone; what stays keeps its values. */
function rebuild(body: NetworkBody, plan: ColumnPlan, left: readonly Adapter[]): void {
  const last = body.columns.length - 1;
  const before = new Map(
    body.store.of(columnScope(last)).map(({ name, variable }) => [name, tf.tidy(() => variable.clone())]),
  );
  const inputs = plan.inputs.map((into, block) =>
    into.flatMap((input): LateralInput[] => {
      const adapter = left.find((candidate) => candidate.block === block && candidate.column === input.column);
      if (adapter === undefined) return [];
      if (adapter.channels.length === input.width) return [input];
      const channels = adapter.channels.map(({ channel }) => channel).sort((a, b) => a - b);
      return [{ ...input, channels }];
    }),
  );
  try {
    body.replaceColumn({ ...plan, inputs });
    tf.tidy(() => {
      for (const [block, left] of inputs.entries())
        for (const input of left) {
          const name = kernelName(last, { block, column: input.column });
          const old = channelsOf(plan.inputs[block]!.find(({ column }) => column === input.column)!);
          const rows = channelsOf(input).map((channel) => old.indexOf(channel));
          const kernel = before.get(name)!;
          before.set(name, tf.keep(kernel.gather(tf.tensor1d(rows, 'int32'))));
          kernel.dispose();
        }
      for (const { name, variable } of body.store.of(columnScope(last))) variable.assign(before.get(name)!);
    });
  } finally {
    tf.dispose([...before.values()]);
  }
}

function checkOptions({ keep, maxLoss }: PruneOptions): void {
  const good =
    (keep === undefined) !== (maxLoss === undefined) &&
    (keep === undefined || (keep >= 0 && keep <= 1)) &&
    (maxLoss === undefined || maxLoss >= 0);
  if (good) return;
  throw new BanyanError(
    'argument',
    `pruneLaterals: expected either keep, a number from 0 to 1, or maxLoss, a number >= 0, received keep ${keep}, maxLoss ${maxLoss}. Correct it.`,
  );
}
