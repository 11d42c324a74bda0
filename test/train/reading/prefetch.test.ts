import { describe, expect, it } from 'vitest';
import type { Prepared } from '../../../src/runtime/index.ts';
import { Prefetcher } from '../../../src/train/reading/prefetch.ts';

/** What is prepared, by number, and what of it was disposed. */
function watched() {
  const made: number[] = [];
  const disposed: number[] = [];
  const plan = {};
  const ahead = new Prefetcher((step) => {
    made.push(step);
    return step === 4
      ? undefined
      : { plan, prepared: { dispose: () => disposed.push(step), step } as unknown as Prepared };
  });
  return { ahead, made, disposed, plan, take: (step: number) => ahead.take(step, plan) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('an update that is prepared ahead', () => {
  it('is there for its step, once', async () => {
    const { ahead, take, disposed } = watched();
    expect(take(1)).toBeUndefined();
    ahead.begin(2);
    await turn();
    expect(take(2)).toMatchObject({ step: 2 });
    expect(take(2)).toBeUndefined();
    ahead.begin(4); // One that cannot be known yet.
    await turn();
    expect(take(4)).toBeUndefined();
    expect(disposed).toEqual([]);
  });

  it('is not begun once its turn has come', async () => {
    const { ahead, take, made } = watched();
    ahead.begin(2);
    expect(take(2)).toBeUndefined();
    ahead.begin(3);
    await turn();
    expect(made).toEqual([3]);
  });

  it('is disposed where another step comes, or another plan, or none', async () => {
    const { ahead, take, disposed } = watched();
    ahead.begin(2);
    await turn();
    expect(take(3)).toBeUndefined();
    ahead.begin(3);
    await turn();
    expect(ahead.take(3, {})).toBeUndefined();
    ahead.begin(5);
    await turn();
    ahead.close();
    expect(disposed).toEqual([2, 3, 5]);
  });
});
