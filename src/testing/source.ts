import assert from 'node:assert/strict';
import { NO_NETWORK, type Source, SPLITS } from '../task/source.ts';
import { roundTrip } from './round-trip.ts';

/**
 * What every source must keep: whole counts and some training examples; the asked examples in the asked order; the same
 * example again for the same index, unless the source has a state, which must then survive `state` and `restore`; a stratum for
 * each example, where it has strata. Of one in lock-step only the counts: the rest is checked with its task.
 */
export async function runSourceContract(source: Source<unknown, unknown>): Promise<void> {
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
  // It reads with a network: `runTaskContract` does.
  if (source.lockStep === true) return;
  for (const split of SPLITS.filter((name) => source.counts[name] > 0)) {
    const last = Math.min(source.counts[split], 1000) - 1;
    const indices = [...new Set([last, 0, Math.floor(last / 2)])];
    const now = source.state?.();
    const state = now === undefined ? undefined : roundTrip(now);
    const first = await source.read(split, indices, NO_NETWORK);
    assert.equal(
      first.length,
      indices.length,
      `${split}: ${indices.length} examples were asked for, received ${first.length}`,
    );
    const strata = source.strata?.(split);
    assert.ok(
      strata === undefined || strata.length === source.counts[split],
      `strata: expected a number for each of ${source.counts[split]} ${split} examples, received ${strata?.length}`,
    );
    if (state !== undefined) source.restore?.(state);
    assert.deepEqual(
      await source.read(split, indices, NO_NETWORK),
      first,
      `${split}: the same indices must give the same examples`,
    );
    if (state !== undefined) continue;
    const reversed = await source.read(split, [...indices].reverse(), NO_NETWORK);
    assert.deepEqual([...reversed].reverse(), first, `${split}: examples must come in the order of the indices`);
  }
}
