import type { Team } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import type { TrainOptions } from '../options.ts';
import type { Settings } from '../state/record.ts';
import { newestWhole } from '../state/restore.ts';

type Sizes = Pick<TrainOptions, 'batch' | 'accumulate'>;

/**
 * Gives the options of a training that goes on from the newest checkpoint in the chief's folder `from` with as many workers as there are now:
 * each step has as many examples as before. Without a checkpoint they are those that were given.
 * @throws BanyanError `argument` where the examples cannot be shared out evenly.
 */
export async function resizedOptions(
  options: TrainOptions,
  from: string | undefined,
  team: Team | undefined,
): Promise<TrainOptions> {
  const leads = team === undefined || team.isChief;
  const read = leads && from !== undefined ? (await newestWhole(from)).checkpoint.training.settings : null;
  const saved: Settings | null = team === undefined ? read : await team.share(read, 'checkpoint');
  if (saved === null) return options;
  const workers = team?.size ?? 1;
  const before = Number(saved.workers ?? 1);
  const sizes = resizedSizes({ batch: saved.batch, accumulate: saved.accumulate } as Sizes, before, workers);
  if (before !== workers && leads) {
    const { batch, accumulate } = sizes;
    process.emitWarning(
      `resume goes on with ${workers} in place of ${before} processes: batch ${JSON.stringify(batch)} and accumulate ${accumulate} in each, so that a step has as many examples as before. Expected: sums in another order, and not the bits of ${before}.`,
      'BanyanWarning',
    );
  }
  return { ...options, ...sizes };
}

/** Shares out what so many workers took in a step to others: in micro-batches of the same size, where they can be. */
export function resizedSizes({ batch, accumulate = 1 }: Sizes, before: number, workers: number): Required<Sizes> {
  const parts = (before * accumulate) / workers;
  const share = (size: number): number => {
    const each = (size * before) / workers;
    if (Number.isInteger(each) && (Number.isInteger(parts) || each % accumulate === 0)) return each;
    throw new BanyanError(
      'argument',
      `resize: a step has ${size * before} examples (batch ${size} in each of ${before}, accumulate ${accumulate}), expected a number of workers that can share them out evenly, received ${workers}. Choose another number of workers.`,
    );
  };
  return {
    batch:
      typeof batch === 'number'
        ? share(batch)
        : Object.fromEntries(Object.entries(batch).map(([task, size]) => [task, share(size)])),
    accumulate: Number.isInteger(parts) ? parts : accumulate,
  };
}
