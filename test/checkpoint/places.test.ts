import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readFolder, writeFolder } from '../../src/checkpoint/index.ts';
import { temporaryFolder } from '../repository.ts';

// What the system says of a folder on which a volume is mounted, and of a device that is full.
const faults = vi.hoisted(() => ({ fixed: '', afterNext: false, code: 'EBUSY' }));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const failed = () => Object.assign(new Error('the system said no'), { code: faults.code, errno: -1 });
  return {
    ...actual,
    rename: async (from: string, to: string) => {
      if (faults.fixed !== '' && [from, to].includes(faults.fixed)) throw failed();
      if (faults.afterNext && basename(to) === 'manifest.json') throw failed();
      return actual.rename(from, to);
    },
  };
});

const root = temporaryFolder();
let places = 0;
const place = () => {
  const parent = join(root, String(++places));
  mkdirSync(join(parent, 'here'), { recursive: true });
  return { parent, dir: join(parent, 'here') };
};
const filesOf = (...values: number[]) => new Map(values.map((value) => [`${value}.bin`, Uint8Array.of(value)]));

it('a folder that cannot be renamed is filled in its place, again and again', async () => {
  const { parent, dir } = place();
  mkdirSync(join(dir, 'lost+found'));
  for (const code of ['EBUSY', 'EXDEV']) {
    Object.assign(faults, { fixed: dir, code });
    await writeFolder(dir, filesOf(1, 2), code);
    await writeFolder(dir, filesOf(2, 3), code);
    expect((await readFolder(dir)).content).toBe(code);
    expect([...(await readFolder(dir)).files.keys()]).toEqual(['2.bin', '3.bin']);
    expect(readdirSync(dir).sort()).toEqual(['2.bin', '3.bin', 'lost+found', 'manifest.json']);
    expect(readdirSync(parent)).toEqual(['here']);
  }
  faults.fixed = '';
});

it('such a folder is whole wherever a kill falls, and the next write mends it', async () => {
  const { dir } = place();
  Object.assign(faults, { fixed: dir, code: 'EBUSY' });
  await writeFolder(dir, filesOf(1, 2), 'old');
  faults.afterNext = true;
  await expect(writeFolder(dir, filesOf(2, 3), 'new')).rejects.toThrow(
    `${dir} cannot be written: the system is using it.`,
  );
  faults.afterNext = false;
  expect((await readFolder(dir)).content).toBe('new');
  expect([...(await readFolder(dir)).files.keys()]).toEqual(['2.bin', '3.bin']);
  await writeFolder(dir, filesOf(4), 'newest');
  expect(readdirSync(dir).sort()).toEqual(['4.bin', 'manifest.json']);
  faults.fixed = '';
});

it("somebody's files in such a folder stay", async () => {
  const { dir } = place();
  writeFileSync(join(dir, 'thesis.txt'), 'years of work');
  Object.assign(faults, { fixed: dir, code: 'EBUSY' });
  await expect(writeFolder(dir, filesOf(1), 1)).rejects.toThrow(/holds other files \(thesis\.txt\)/);
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
  faults.fixed = '';
});

it('a link is written through, and stays one', async () => {
  const { parent, dir } = place();
  const link = join(parent, 'latest');
  symlinkSync('here', link);
  await writeFolder(link, filesOf(1), 'first');
  await writeFolder(link, filesOf(2), 'second');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(dir).sort()).toEqual(['2.bin', 'manifest.json']);
  expect((await readFolder(link)).content).toBe('second');
  rmSync(dir, { recursive: true });
  await expect(writeFolder(link, filesOf(1), 1)).rejects.toMatchObject({
    code: 'checkpoint',
    message: `${link} is a link that leads to no folder, expected one that does. Make the folder that it names, or remove the link.`,
  });
});

it('what cannot be written or read is told with its path', async () => {
  const { parent } = place();
  const file = join(parent, 'file');
  writeFileSync(file, 'text');
  const refused = (dir: string) => writeFolder(dir, filesOf(1), 1).catch((error) => `${error.code}: ${error.message}`);
  expect(await refused(file)).toBe(
    `checkpoint: ${file} is a file, expected a folder or nothing of that name. Choose another path.`,
  );
  expect(await refused(join(file, 'below'))).toBe(
    `checkpoint: ${join(file, 'below')} cannot be written: a part of the path is a file, not a folder. Check the path.`,
  );
  Object.assign(faults, { fixed: join(parent, 'full'), code: 'ENOSPC' });
  expect(await refused(join(parent, 'full'))).toBe(
    `checkpoint: ${join(parent, 'full')} cannot be written: no space is left on the device. Make room, or choose a path on another device.`,
  );
  faults.fixed = '';
  expect(readdirSync(parent).sort()).toEqual(['file', 'here']);
  expect(readFileSync(file, 'utf8')).toBe('text');
  await expect(readFolder(file)).rejects.toThrow(
    `${file}: expected a manifest.json, and it cannot be read: a part of the path is a file, not a folder. Use another copy, or another checkpoint.`,
  );
});
