import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findData, requireData, storedFacts } from '../../src/data/index.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-find-')));
  mkdirSync(join(root, 'work'));
  vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'work'));
  vi.stubEnv('BANYAN_DATA', undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
const make = (...path: string[]) => {
  const folder = join(root, ...path);
  mkdirSync(folder, { recursive: true });
  return folder;
};

describe('findData', () => {
  it('looks in BANYAN_DATA, ./data and ../shared/data, in this order, whenever it is called', () => {
    expect(findData('a/b')).toBeUndefined();
    const shared = make('shared', 'data', 'a', 'b');
    expect(findData('a/b')).toBe(shared);
    const own = make('work', 'data', 'a', 'b');
    expect(findData('a/b')).toBe(own);
    vi.stubEnv('BANYAN_DATA', make('elsewhere'));
    expect(findData('a/b')).toBe(own);
    const elsewhere = make('elsewhere', 'a', 'b');
    expect(findData('a/b')).toBe(elsewhere);
    expect(requireData('a/b')).toBe(elsewhere);
  });

  it('names the places where a missing set was looked for', () => {
    expect(() => requireData('a/b')).toThrow(
      'The data set "a/b" was not found: expected its folder in one of data/a/b, ../shared/data/a/b (BANYAN_DATA is not set), received none. Put it there, or set BANYAN_DATA to the folder that holds "a/b".',
    );
    vi.stubEnv('BANYAN_DATA', make('elsewhere'));
    expect(() => requireData('a/b')).toThrow(/one of .*elsewhere\/a\/b, data\/a\/b, .*data\/a\/b, received none/);
  });

  it('refuses a BANYAN_DATA that is no folder, whatever is asked for', () => {
    make('shared', 'data', 'a', 'b');
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const [own, why] of [
      ['/no/such/folder', 'ENOENT: no such file or directory'],
      [file, 'ENOTDIR: not a directory'],
    ] as const) {
      vi.stubEnv('BANYAN_DATA', own);
      expect(() => findData('a/b')).toThrow(
        `BANYAN_DATA is set to ${own}, expected a folder that can be read, received ${why}, scandir '${own}'. Set it to the folder that holds the data sets, or unset it.`,
      );
    }
  });
});

describe('storedFacts', () => {
  it('looks at the disk when asked, not before', () => {
    const facts = storedFacts('a/b', { licence: 'MIT' });
    expect(facts.found).toBeUndefined();
    expect(facts.missing).toMatch(/"a\/b" was not found/);
    const folder = make('work', 'data', 'a', 'b');
    expect(facts).toMatchObject({ licence: 'MIT', found: folder, missing: undefined });
  });
});
