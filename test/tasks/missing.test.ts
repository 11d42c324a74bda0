// Needs modules of its own: a source that another file has opened stays open.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTasks } from 'banyan-ml/data';
import * as tasks from 'banyan-ml/tasks';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const { default: plugin, SpaceInvaders: _invaders, Gathering: _gathering, ...builtIn } = tasks;
const REAL = [
  'captions',
  'clothing',
  'connected-digits',
  'digits',
  'instruments',
  'intents',
  'multi-clothing-left',
  'multi-clothing-right',
  'parsing',
  'photographs',
  'requests',
  'spoken-digits',
  'spoken-words',
  'translation',
];

beforeAll(() => {
  const empty = join(mkdtempSync(join(tmpdir(), 'banyan-missing-')), 'work');
  mkdirSync(empty);
  vi.spyOn(process, 'cwd').mockReturnValue(empty);
  vi.stubEnv('BANYAN_DATA', undefined);
});

describe('built-in tasks without their data', () => {
  it('are described, with what is missing and the mend', async () => {
    const rows = await describeTasks(Object.values(builtIn));
    expect(rows.filter(({ missing }) => missing !== undefined).map(({ name }) => name)).toEqual(REAL);
    for (const { name, missing, licence, modality, training } of rows) {
      if (modality !== 'control' && name !== 'gathering-pictures') expect(licence).toBeTruthy();
      expect(['vision', 'text', 'audio', 'control']).toContain(modality);
      if (REAL.includes(name))
        expect(missing).toMatch(/was not found: expected its folder in one of .* set BANYAN_DATA/);
      else
        expect(training).toBe(modality === 'control' || name.startsWith('gathering') ? Number.POSITIVE_INFINITY : 4000);
    }
  });

  it('fail with the same text when they are used', () => {
    for (const task of Object.values(builtIn).filter(({ name }) => REAL.includes(name))) {
      expect(() => task.source.counts).toThrow(task.source.facts?.missing);
    }
  });

  it('come as one plugin, each under a name of its own', () => {
    expect(plugin.id).toBeDefined();
    expect(new Set(Object.values(builtIn).map(({ name }) => name)).size).toBe(25);
  });
});
