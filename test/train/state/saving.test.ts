import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Saving } from '../../../src/train/state/saving.ts';

const MINUTE = 60_000;
const messages: unknown[] = [];
let now = 0;

beforeEach(() => {
  now = 0;
  messages.length = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void messages.push(text));
});
afterEach(() => void vi.restoreAllMocks());

const folder = '/nowhere/checkpoints';
const done = async () => `${folder}/step-00000010`;
const fail = () => Promise.reject(new Error('step-00000010 cannot be written: no space is left on the device.'));

it('is by steps, by minutes, by both, and every five minutes where nothing is said', () => {
  const [steps, minutes, both, neither] = [{ every: 4 }, { minutes: 2 }, { every: 4, minutes: 2 }, {}].map(
    (rhythm) => new Saving({ folder, ...rhythm }),
  ) as [Saving, Saving, Saving, Saving];
  const due = (step: number) => [steps, minutes, both, neither].map((saving) => saving.isDue(step));
  expect(due(3)).toEqual([false, false, false, false]);
  expect(due(4)).toEqual([true, false, true, false]);
  now = 2 * MINUTE;
  expect(due(5)).toEqual([false, true, true, false]);
  now = 5 * MINUTE;
  expect(due(5)).toEqual([false, true, true, true]);
});

it('counts the minutes from the last one', async () => {
  const saving = new Saving({ folder, minutes: 1 });
  now = MINUTE;
  await saving.write(10, undefined, false, async () => {
    now += MINUTE;
    return done();
  });
  expect(saving.isDue(11)).toBe(false);
  now += MINUTE;
  expect(saving.isDue(11)).toBe(true);
});

it('warns of one that cannot be written, and tries again a minute later, whatever the step', async () => {
  const saving = new Saving({ folder, every: 5 });
  expect(await saving.write(10, undefined, false, fail)).toBeUndefined();
  expect(saving.isDue(15)).toBe(false);
  now = MINUTE;
  expect(saving.isDue(17)).toBe(true);
  expect(await saving.write(17, `${folder}/step-00000005`, true, fail)).toBeUndefined();
  expect(messages).toEqual([
    expect.stringMatching(
      /^No checkpoint of step 10: step-00000010 cannot be written: no space is left on the device\. \d+\.\d MB are left on its device\. No other was written\. The training goes on, and tries again in a minute\.$/,
    ),
    expect.stringMatching(
      / The last one is \/nowhere\/checkpoints\/step-00000005\. The training has ended: the network is in memory alone\.$/,
    ),
  ]);
  now += MINUTE;
  expect(await saving.write(18, undefined, false, done)).toBe(`${folder}/step-00000010`);
  expect(saving.isDue(19)).toBe(false);
  expect(saving.isDue(20)).toBe(true);
});
