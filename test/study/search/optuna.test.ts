import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { BanyanError } from '../../../src/error.ts';
import { findOptuna } from '../../../src/study/search/optuna/find.ts';
import { Sidecar } from '../../../src/study/search/optuna/sidecar.ts';
import { type Distribution, SAMPLERS, type StudyOptions, TrialStore } from '../../../src/study/search/optuna/store.ts';
import { temporaryFolder } from '../../repository.ts';
import { describeWithOptuna, python } from './with-optuna.ts';

const folder = temporaryFolder();
const space: Readonly<Record<string, Distribution>> = {
  rate: ['float', { low: 1e-4, high: 1e-1, log: true }],
  depth: ['int', { low: 1, high: 4 }],
  balance: ['categorical', { choices: ['equal', 'pcgrad', 3] }],
};
/** Opens a study; in a process that has others open where one is given. */
const open = (
  name: string,
  options: Partial<StudyOptions> = {},
  sidecar: Sidecar = new Sidecar(python!),
): Promise<TrialStore> =>
  TrialStore.open(sidecar, {
    url: `sqlite:///${join(folder, 'trials.db')}`,
    name,
    directions: ['maximize'],
    sampler: 'tpe',
    seed: 1,
    prune: null,
    points: 9,
    beat: 1,
    description: 'first',
    ...options,
  });
const notes = { seconds: 1, step: 10 };

it('Optuna that is not installed is one sentence, with how to get it', () => {
  vi.stubEnv('BANYAN_CACHE', join(folder, 'empty'));
  vi.stubEnv('BANYAN_OPTUNA_PYTHON', undefined);
  expect(findOptuna).toThrow(
    new BanyanError(
      'runtime',
      'A search needs Optuna 5.0.0, which is not installed. Install it by `banyan setup --search`, or name a Python that has it in BANYAN_OPTUNA_PYTHON.',
    ),
  );
  vi.stubEnv('BANYAN_OPTUNA_PYTHON', '/a/python');
  expect(findOptuna()).toMatchObject({ command: '/a/python', args: ['-I'] });
  vi.unstubAllEnvs();
});

describeWithOptuna('Optuna', () => {
  it('keeps trials, and draws within the space the same as if it had not been left', async () => {
    const draw = async (store: TrialStore) => {
      const { number, params } = await store.ask(space, 'me');
      await store.tell(number, { state: 'COMPLETE', values: [number], notes });
      return params;
    };
    const whole = await open('whole');
    const expected = [await draw(whole), await draw(whole), await draw(whole)];
    await whole.close();
    const first = await open('halves');
    const drawn = [await draw(first), await draw(first)];
    await first.close();
    const second = await open('halves', { description: 'second' });
    expect(second.description).toBe('first');
    drawn.push(await draw(second));
    expect(drawn).toEqual(expected);
    for (const { rate, depth, balance } of drawn) {
      expect(rate).toBeGreaterThanOrEqual(1e-4);
      expect(rate).toBeLessThanOrEqual(1e-1);
      expect([1, 2, 3, 4]).toContain(depth);
      expect(['equal', 'pcgrad', 3]).toContain(balance);
    }
    expect(await second.trials()).toMatchObject([
      { number: 0, origin: 0, state: 'COMPLETE', values: [0], notes: { worker: 'me', ...notes } },
      { number: 1, state: 'COMPLETE', values: [1] },
      { number: 2, state: 'COMPLETE', values: [2] },
    ]);
    const importance = Object.values(await second.importance(0));
    expect(importance.reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
    await second.close();
  });

  it('ends a trial by the median of one objective, and keeps the reports of several', async () => {
    const sidecar = new Sidecar(python!);
    const store = await open('median', { prune: 'median' }, sidecar);
    for (let i = 0; i < 5; i++) {
      const { number } = await store.ask(space, 'me');
      expect(await store.report(number, 1, [0.5 + i / 10])).toBe(false);
      await store.tell(number, { state: 'COMPLETE', values: [i], notes });
    }
    const bad = await store.ask(space, 'me');
    expect(await store.report(bad.number, 1, [0.1])).toBe(true); // The median of the others is 0.7.
    await store.tell(bad.number, { state: 'PRUNED', notes });
    expect((await store.trials()).at(-1)).toMatchObject({ state: 'PRUNED', notes: { curve: { 1: [0.1] } } });

    const several = await open('several', { directions: ['maximize', 'minimize'] }, sidecar);
    const { number } = await several.ask(space, 'me');
    expect(await several.report(number, 1, [0.1, 5])).toBe(false);
    expect(await several.report(number, 2, [0.2, 4])).toBe(false);
    await several.tell(number, { state: 'PRUNED', notes });
    expect(await several.trials()).toMatchObject([{ state: 'PRUNED', notes: { curve: { 1: [0.1, 5], 2: [0.2, 4] } } }]);
    await several.close();
  });

  it('draws by each method for one objective and for two, and says what it has against a store', async () => {
    const sidecar = new Sidecar(python!);
    for (const sampler of SAMPLERS) {
      for (const directions of [['maximize'], ['maximize', 'minimize']] as const) {
        // The evolution strategy knows one objective alone.
        if (sampler === 'cma-es' && directions.length > 1) continue;
        const store = await open(`${sampler}-${directions.length}`, { sampler, directions }, sidecar);
        const { number } = await store.ask(space, 'me');
        expect(await store.tell(number, { state: 'COMPLETE', values: directions.map(() => 1), notes })).toBe(true);
      }
    }
    await expect(open('nowhere', { url: 'sqlite:////nowhere/at/all.db' }, sidecar)).rejects.toThrow(
      /^Optuna answers: .*Check the address of its store/s,
    );
  });

  it('gives a trial that was let go, or whose worker has gone, to the next one, once', async () => {
    const gone = await open('gone');
    const lost = await gone.ask(space, 'gone');
    await gone.report(lost.number, 1, [0.3]);
    await gone.close(); // Its heart stops.
    const store = await open('gone');
    const released = await store.ask(space, 'me');
    await store.release(released.number);
    await store.release(released.number); // A second time it is nothing.
    const again = await store.ask(space, 'me');
    expect(again).toMatchObject({ origin: released.number, params: released.params });
    await store.tell(again.number, { state: 'COMPLETE', values: [1], notes });

    let trials = await store.trials();
    for (let i = 0; i < 60 && trials[0]!.state === 'RUNNING'; i++) {
      await sleep(250);
      trials = await store.trials();
    }
    expect(trials.map(({ state }) => state)).toEqual(['FAIL', 'FAIL', 'COMPLETE', 'WAITING']);
    const taken = await store.ask(space, 'me');
    expect(taken).toMatchObject({ number: 3, origin: 0, params: lost.params, notes: { curve: { 1: [0.3] } } });
    await store.tell(3, { state: 'COMPLETE', values: [2], notes });
    expect((await store.trials()).filter(({ state }) => state === 'WAITING' || state === 'RUNNING')).toEqual([]);
    await store.close();
  });

  it('counts the ending of a worker whose trial was taken by another one not at all', async () => {
    const slow = await open('slow');
    const { number } = await slow.ask(space, 'slow');
    const other = await open('slow');
    await other.release(number); // As if its heart had not beaten.
    expect(await slow.report(number, 1, [1])).toBe(true); // It may end now.
    expect(await slow.tell(number, { state: 'COMPLETE', values: [9], notes })).toBe(false);
    expect((await other.trials()).map(({ state, values }) => [state, values])).toEqual([
      ['FAIL', null],
      ['WAITING', null],
    ]);
    await slow.close();
    await other.close();
  });

  it('lets workers that come at the same moment make one new store together', async () => {
    const url = `sqlite:///${join(folder, 'together.db')}`;
    const sidecars = Array.from({ length: 3 }, () => new Sidecar(python!));
    // Each has loaded Optuna then, so that they meet.
    await Promise.all(sidecars.map((sidecar, i) => open(`alone ${i}`, {}, sidecar)));
    const stores = await Promise.all(sidecars.map((sidecar) => open('together', { url }, sidecar)));
    const drawn = await Promise.all(stores.map((store) => store.ask(space, 'me')));
    expect(drawn.map(({ number }) => number).sort()).toEqual([0, 1, 2]);
    await Promise.all(stores.map((store) => store.close()));
  });
});
