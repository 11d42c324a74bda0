import { BanyanError } from '../../error.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  fisherOf,
  type HeldOutBatch,
  heldOutBatches,
  internals,
  type NetworkBody,
  type Places,
} from '../../network/index.ts';
import { RandomStream } from '../../random/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { shuffled } from './shuffle.ts';

/** Whose gradients the units of a block carry. */
export interface BlockShares {
  readonly block: number;
  /** `[units][tasks]`: what share of a unit's squared gradients is each task's, after each task's was scaled to one sum over the block. */
  readonly shares: readonly (readonly number[])[];
  /** The same with the labels of each task shuffled among its examples. */
  readonly control: readonly (readonly number[])[];
}

export interface UnitSharesOptions {
  /** The tasks, of one column; default: all that read the last one. */
  readonly tasks?: readonly string[];
  /** So many held-out examples of each task are looked at. Default 128. */
  readonly examples?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/**
 * Says of each unit of each block which task's loss moves with it: the diagonal of the Fisher information of its activations, task by
 * task, on held-out examples. A unit that one task alone reads has a share of 1 for it; with two tasks that share all units alike all are 0.5. Where `control` shows the
 * same spread, it is the labels' noise, and not what was learned.
 * @throws BanyanError `argument` for fewer than two tasks, and for tasks of different columns.
 */
export async function unitShares(
  network: AnyNetwork,
  { tasks, examples = 128, compile = 'auto' }: UnitSharesOptions = {},
): Promise<readonly BlockShares[]> {
  const { body, lease } = internals(network);
  return lease.use(async () => {
    const built = tasks?.map((name) => body.task(name)) ?? body.columns.at(-1)!.tasks;
    const [first] = built;
    if (built.length < 2 || built.some(({ input }) => input.column !== first!.input.column)) {
      throw new BanyanError(
        'argument',
        `unitShares: expected at least two tasks of one column, received ${built.map(({ name }) => name).join(', ') || 'none'}. Name tasks that share a trunk.`,
      );
    }
    const own: ReadonlyMap<string, Float64Array>[] = [];
    const other: ReadonlyMap<string, Float64Array>[] = [];
    for (const task of built) {
      const batches = await heldOutBatches(body, task, examples);
      own.push(await informationOf(body, task, batches, compile));
      other.push(await informationOf(body, task, batches.map(withShuffledLabels), compile));
    }
    return [...own[0]!.keys()].map((block) => ({
      block: Number(block),
      shares: sharesOf(own.map((information) => information.get(block)!)),
      control: sharesOf(other.map((information) => information.get(block)!)),
    }));
  });
}

async function informationOf(
  body: NetworkBody,
  task: BuiltTask,
  batches: readonly HeldOutBatch[],
  compile: CompileMode,
) {
  const { column } = task.input;
  const blocks: Places = {
    name: 'blocks',
    tap: (visit) => ({
      block: (at, block, tokens, call) => (at === column ? visit(String(block), tokens, call) : tokens),
    }),
  };
  const found = await fisherOf(body, task, batches, blocks, compile);
  return new Map(Array.from(found, ([block, { information }]) => [block, information] as const));
}

function withShuffledLabels(batch: HeldOutBatch): HeldOutBatch {
  const { values, shape } = batch.target;
  const size = values.length / shape[0]!;
  const rows = shuffled(
    Array.from({ length: shape[0]! }, (_, row) => row),
    new RandomStream(0, 'explain/unit-shares'),
  );
  const mixed = values.slice();
  for (const [to, from] of rows.entries()) mixed.set(values.subarray(from * size, (from + 1) * size), to * size);
  return { ...batch, target: { ...batch.target, values: mixed } as HeldOutBatch['target'] };
}

/** By unit: the part of each task, when each has the same sum over the units. */
function sharesOf(information: readonly Float64Array[]): readonly (readonly number[])[] {
  const scaled = information.map((values) => {
    const sum = values.reduce((a, b) => a + b, 0);
    return values.map((value) => (sum === 0 ? 0 : value / sum));
  });
  return Array.from(scaled[0]!, (_, unit) => {
    const all = scaled.reduce((sum, values) => sum + values[unit]!, 0);
    return scaled.map((values) => (all === 0 ? 1 / scaled.length : values[unit]! / all));
  });
}
