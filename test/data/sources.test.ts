import { describe, expect, it, vi } from 'vitest';
import { describeTasks, generatedSource, NO_NETWORK, storedSource } from '../../src/data/index.ts';
import type { AnyTask } from '../../src/task/task.ts';
import { runSourceContract } from '../../src/testing/source.ts';

const context = NO_NETWORK;
const counts = { training: 20, validation: 5, test: 5 };

describe('generatedSource', () => {
  const made = (seed?: number, name = 'dice') =>
    generatedSource({
      name,
      counts,
      ...(seed === undefined ? {} : { seed }),
      make: (random) => ({ input: random.uniform(), target: random.integer(6) }),
    });

  it('keeps the contract', () => runSourceContract(made()));

  it('gives an example that depends on seed, name, split and index alone', async () => {
    const one = await made(1).read('training', [7], context);
    expect(await made(1).read('training', [3, 7], context)).toEqual([expect.anything(), one[0]]);
    expect(await made(1).read('validation', [7], context)).not.toEqual(one);
    expect(await made(2).read('training', [7], context)).not.toEqual(one);
    expect(await made(1, 'cards').read('training', [7], context)).not.toEqual(one);
    expect(await made().read('training', [7], context)).toEqual(await made(0).read('training', [7], context));
  });
});

describe('storedSource', () => {
  it('opens the set once, when it is first used', async () => {
    const open = vi.fn(() => ({
      counts,
      example: (split: string, index: number) => ({ input: `${split} ${index}`, target: index }),
    }));
    vi.stubEnv('BANYAN_DATA', import.meta.dirname);
    const folder = storedSource({ folder: '.', facts: {}, open });
    expect(open).not.toHaveBeenCalled();
    expect(folder.counts).toEqual(counts);
    expect(await folder.read('test', [2, 0], context)).toEqual([
      { input: 'test 2', target: 2 },
      { input: 'test 0', target: 0 },
    ]);
    expect(open).toHaveBeenCalledExactlyOnceWith(import.meta.dirname);
    await runSourceContract(folder);
    vi.unstubAllEnvs();
  });

  it('fails only when a missing set is used', () => {
    const source = storedSource({
      folder: 'no/such-set',
      facts: {},
      open: () => ({ counts, example: () => ({ input: 0, target: 0 }) }),
    });
    expect(source.facts?.missing).toMatch(/"no\/such-set" was not found/);
    expect(() => source.counts).toThrow(/"no\/such-set" was not found/);
    expect(() => source.read('training', [0], context)).toThrow(/Put it there, or set BANYAN_DATA/);
  });
});

describe('describeTasks', () => {
  it('tells counts, licence and what is missing or broken, without throwing', async () => {
    const stem = Object.assign(() => ({}), { modality: 'dice' });
    const source = generatedSource({ name: 'a', description: 'throws', counts, make: () => ({ input: 0, target: 0 }) });
    const missing = storedSource({
      folder: 'no/such-set',
      facts: { licence: 'MIT' },
      open: () => ({ counts, example: () => ({ input: 0, target: 0 }) }),
    });
    const broken = { open: () => Promise.reject(new Error('a.csv, line 3: torn')), counts, read: () => [] };
    const rows = await describeTasks([
      { name: 'one', stem, source },
      { name: 'two', stem: Symbol('bound'), source: missing },
      { name: 'three', stem: () => ({}), source: broken },
    ] as unknown as AnyTask[]);
    expect(rows).toEqual([
      { name: 'one', modality: 'dice', description: 'throws', licence: 'generated, none needed', ...counts },
      { name: 'two', licence: 'MIT', missing: missing.facts?.missing },
      { name: 'three', missing: 'a.csv, line 3: torn' },
    ]);
  });
});
