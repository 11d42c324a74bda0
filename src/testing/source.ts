import assert from 'node:assert/strict';
import { type Example, NO_NETWORK, type Source, SPLITS, type Split } from '../task/source.ts';
import { contractOf, runContract } from './contract.ts';
import { roundTrip } from './round-trip.ts';

/** Some examples of each split: the last, the first and the middle one. */
async function forEachSplit(
  source: Source<unknown, unknown>,
  work: (split: Split, read: (reversed?: boolean) => Promise<readonly Example<unknown, unknown>[]>) => Promise<void>,
): Promise<void> {
  await source.open?.();
  // One in lock-step reads with a network: `runTaskContract` does.
  if (source.lockStep === true) return;
  for (const split of SPLITS.filter((name) => source.counts[name] > 0)) {
    const last = Math.min(source.counts[split], 1000) - 1;
    const indices = [...new Set([last, 0, Math.floor(last / 2)])];
    await work(split, async (reversed = false) => {
      const asked = reversed ? [...indices].reverse() : indices;
      const examples = await source.read(split, asked, NO_NETWORK);
      assert.equal(
        examples.length,
        asked.length,
        `${split}: ${asked.length} examples were asked for, received ${examples.length}`,
      );
      return examples;
    });
  }
}

/** Every source must keep these clauses. */
export const sourceContract = contractOf<Source<unknown, unknown>>('source', {
  'counts its examples': async (source) => {
    await source.open?.();
    await source.open?.();
    for (const split of SPLITS) {
      const count = source.counts[split];
      assert.ok(
        count === Number.POSITIVE_INFINITY || (Number.isInteger(count) && count >= 0),
        `counts.${split} must be a whole number or Infinity, received ${count}`,
      );
    }
    assert.ok(source.counts.training > 0, 'a source must have training examples');
  },

  'gives the same examples for the same indices': (source) =>
    forEachSplit(source, async (split, read) => {
      const state = source.state?.();
      const saved = state === undefined ? undefined : roundTrip(state);
      const first = await read();
      if (saved !== undefined) source.restore?.(saved);
      assert.deepEqual(await read(), first, `${split}: the same indices must give the same examples`);
    }),

  'gives examples in the order of the indices': (source) =>
    forEachSplit(source, async (split, read) => {
      // One with a state may give others each time.
      if (source.state?.() !== undefined) return;
      const first = await read();
      const reversed = await read(true);
      assert.deepEqual([...reversed].reverse(), first, `${split}: examples must come in the order of the indices`);
    }),

  'has a stratum for each example, if it has any': (source) =>
    forEachSplit(source, async (split) => {
      const strata = source.strata?.(split);
      assert.ok(
        strata === undefined || strata.length === source.counts[split],
        `strata: expected a number for each of ${source.counts[split]} ${split} examples, received ${strata?.length}`,
      );
    }),
});

/**
 * Checks what every source must keep (`sourceContract.clauses`): whole counts and some training examples; the asked examples in the
 * asked order; the same example again for the same index, unless the source has a state, which must then survive `state` and
 * `restore`; a stratum for each example, where it has strata. Of a source in lock-step only the counts are checked here: the rest is
 * checked with its task.
 */
export async function runSourceContract(source: Source<unknown, unknown>): Promise<void> {
  await runContract(sourceContract, source);
}
