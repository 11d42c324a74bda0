// What a rename gives its name is on the disk before, and the name after: nothing else survives a loss of power.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { writeFolder } from '../../src/checkpoint/index.ts';
import { syncAll, writeWhole } from '../../src/files/durable.ts';
import { filesIn, root, temporaryFolder } from '../repository.ts';

const calls = vi.hoisted(() => ({ made: [] as string[], paths: new Map<number, string>(), failing: '' }));
const short = (path: unknown) => basename(String(path)).replace(/\.[0-9a-f-]{36}/, '');
vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>();
  return {
    ...actual,
    openSync: (path: string, flags: string) => {
      const file = actual.openSync(path, flags);
      calls.paths.set(file, path);
      return file;
    },
    fsyncSync: (file: number) => {
      calls.made.push(`sync ${short(calls.paths.get(file))}`);
      if (calls.failing === 'sync') throw Object.assign(new Error('no space'), { code: 'ENOSPC', errno: -28 });
      actual.fsyncSync(file);
    },
    renameSync: (from: string, to: string) => {
      calls.made.push(`rename ${short(from)} to ${short(to)}`);
      actual.renameSync(from, to);
    },
  };
});
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return {
    ...actual,
    open: async (path: string, flags: string) => {
      const file = await actual.open(path, flags);
      const sync = file.sync.bind(file);
      file.sync = async () => {
        calls.made.push(`sync ${short(path)}`);
        await sync();
      };
      return file;
    },
    rename: async (from: string, to: string) => {
      calls.made.push(`rename ${short(from)} to ${short(to)}`);
      await actual.rename(from, to);
    },
  };
});

const folder = temporaryFolder();
beforeEach(() => {
  calls.made.splice(0);
  calls.failing = '';
});

it('a file is synced before its rename, and its folder after it', () => {
  const place = join(folder, 'run');
  mkdirSync(place);
  writeWhole(join(place, 'result.json'), '{}');
  expect(calls.made).toEqual(['sync .result.json.tmp', 'rename .result.json.tmp to result.json', 'sync run']);
  writeWhole(join(place, 'events.jsonl'), ['one\n', 'two\n']);
  expect(readFileSync(join(place, 'events.jsonl'), 'utf8')).toBe('one\ntwo\n');
});

it('a file that cannot be written leaves the old one, and nothing beside it', () => {
  const place = join(folder, 'full');
  mkdirSync(place);
  writeWhole(join(place, 'cost.json'), 'old');
  calls.failing = 'sync';
  expect(() => writeWhole(join(place, 'cost.json'), 'new')).toThrow('no space');
  expect(readdirSync(place)).toEqual(['cost.json']);
  expect(readFileSync(join(place, 'cost.json'), 'utf8')).toBe('old');
});

it('a folder is synced with all in it before its rename, also where it replaces one', async () => {
  const files = new Map([['a.bin', Uint8Array.of(1)]]);
  const place = join(folder, 'saved');
  mkdirSync(place);
  const written = ['sync a.bin', 'sync manifest.json', 'sync .network.tmp'];
  await writeFolder(join(place, 'network'), files, 1);
  expect(calls.made).toEqual([...written, 'rename .network.tmp to network', 'sync saved']);
  calls.made.splice(0);
  await writeFolder(join(place, 'network'), files, 2);
  expect(calls.made).toEqual([
    ...written,
    'rename network to .network.old',
    'rename .network.tmp to network',
    'sync saved',
  ]);
  expect(readdirSync(place)).toEqual(['network']);
});

it('a folder is brought to the disk with what is in its folders', async () => {
  const place = join(folder, 'tree');
  mkdirSync(join(place, 'variables'), { recursive: true });
  for (const name of ['a.pb', 'variables/b.data']) writeFileSync(join(place, name), name);
  await syncAll(place);
  expect(calls.made.slice(0, 3).sort()).toEqual(['sync a.pb', 'sync b.data', 'sync variables']);
  expect(calls.made.slice(3)).toEqual(['sync tree']);
});

const source = filesIn('src', /\.ts$/).map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
const holding = (pattern: RegExp) => source.filter(([, text]) => pattern.test(text)).map(([file]) => file);

it('nothing is renamed where that is not looked after', () => {
  expect(holding(/\brename(Sync)?\(/).sort()).toEqual([
    'src/checkpoint/folder.ts',
    'src/cli/run/standard-input.ts', // Only a file of its own, which it removes.
    'src/data/table/cache.ts', // What is not as it was written, by digest and size, is made again.
    'src/export/write.ts',
    'src/files/durable.ts',
    'src/runtime/install/setup/staging.ts',
    'src/study/lock/by-file.ts',
  ]);
});

it('no failing call of the file system is taken for nothing being there', () => {
  const files = holding(/from '(node:fs(\/promises)?|.*\/unless-missing\.ts)'/);
  const forgiving = holding(
    /\.catch\(\(\) => (\[\]|undefined|null|false|'')\)|^ +\(\) => (\[\]|undefined|null|false|''),$/m,
  );
  expect(forgiving.filter((file) => files.includes(file))).toEqual([
    'src/checkpoint/folder.ts', // The list of a damaged manifest's files that could go.
  ]);
});
