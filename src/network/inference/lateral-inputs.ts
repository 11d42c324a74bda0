import type { ColumnPlan, LateralInput } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { fisherOf, type Places } from './fisher.ts';
import { heldOutBatches } from './held-out.ts';

/** How many examples a sensitivity is measured on. */
const EXAMPLES = 256;

/** A lateral adapter's part for one earlier column: the channels that come into a block, each with its sensitivity. */
export interface Adapter {
  readonly block: number;
  readonly column: number;
  readonly channels: readonly { readonly channel: number; readonly sensitivity: number }[];
}

export const sizeOf = (adapters: readonly Adapter[]) =>
  adapters.reduce((sum, { channels }) => sum + channels.length, 0);
const totalOf = ({ channels }: Adapter) => channels.reduce((sum, { sensitivity }) => sum + sensitivity, 0);
export const byTotal = (a: Adapter, b: Adapter) => totalOf(a) - totalOf(b);

/** Lists what comes into the last column, with the Fisher sensitivity of each channel, summed over the column's tasks. */
export async function sensitivities(body: NetworkBody): Promise<readonly Adapter[]> {
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

/** The numbers of the channels that come in. */
export const channelsOf = ({ width, channels }: LateralInput): readonly number[] =>
  channels ?? Array.from({ length: width }, (_, channel) => channel);

/** Leaves out the `count` least sensitive channels of all. */
export function withoutWeakest(adapters: readonly Adapter[], count: number): Adapter[] {
  const ranked = adapters
    .flatMap((adapter) => adapter.channels.map((channel) => ({ adapter, channel })))
    .sort((a, b) => a.channel.sensitivity - b.channel.sensitivity);
  const gone = new Set(ranked.slice(0, count).map(({ channel }) => channel));
  return adapters
    .map((adapter) => ({ ...adapter, channels: adapter.channels.filter((channel) => !gone.has(channel)) }))
    .filter(({ channels }) => channels.length > 0);
}

/** Counts the numbers that are trained in the adapters when only these inputs are left. */
export function parametersOf({ trunk: { width }, laterals }: ColumnPlan, left: readonly Adapter[]): number {
  const linear = sizeOf(left) * width;
  if (laterals === 'linear') return linear;
  const blocks = new Set(left.map(({ block }) => block)).size;
  return linear + left.length + blocks * width * width;
}
