import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { takeByFile } from '../../../src/study/lock/by-file.ts';
import { whileLocked } from '../../../src/study/lock/lock.ts';
import { thisWriter } from '../../../src/study/lock/writer.ts';
import { program } from '../../cli/command.ts';
import { root, temporaryFolder } from '../../repository.ts';

/** What the kernel answers in place of its own; undefined: its own answer. */
const kernel = vi.hoisted(() => ({ answer: undefined as (() => number) | undefined }));
vi.mock('../../../src/runtime/install/flock.ts', async (original) => {
  const { tryFlock } = await original<typeof import('../../../src/runtime/install/flock.ts')>();
  return { tryFlock: (file: number) => (kernel.answer ?? (() => tryFlock(file)))() };
});
afterEach(() => {
  kernel.answer = undefined;
});

const parent = temporaryFolder();
let count = 0;
function newFolder(): string {
  const folder = join(parent, `run-${++count}`);
  mkdirSync(folder);
  return folder;
}
const open = async () => 'done';
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error & { code?: string }) => error,
  );

/** A process that holds a folder's lock, once it does. */
function holder(folder: string, way: 'kernel' | 'file'): Promise<ChildProcess> {
  const args = ['--conditions=source', '--import', 'tsx', join(root, 'test/cli/fixtures/holder.ts'), folder, way];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done) => child.stdout.once('data', () => done(child)));
}
const ended = (child: ChildProcess) => new Promise((done) => child.once('close', done));

const NO_KOFFI = () => {
  throw new Error('Cannot find module koffi');
};
const NO_LOCKS = () => 95; // EOPNOTSUPP

describe.each([
  ['by the kernel', undefined, ''],
  [
    'by a file, where the file system has no locks',
    NO_LOCKS,
    '; if there is no such process any more, remove FOLDER/.lock.pid',
  ],
  ['by a file, without koffi', NO_KOFFI, '; if there is no such process any more, remove FOLDER/.lock.pid'],
])('the lock of a folder, %s', (_, answer, mend) => {
  it('is held by one, who is named to others, and leaves nothing behind', async () => {
    kernel.answer = answer;
    const folder = newFolder();
    const inside = await whileLocked(folder, async () => {
      const error = await errorOf(whileLocked(folder, open, 100));
      expect(error).toMatchObject({ name: 'BanyanError', code: 'busy' });
      return error!.message;
    });
    expect(inside.replaceAll(folder, 'FOLDER').replace(/\d\d:\d\d:\d\d/, 'TIME')).toBe(
      `FOLDER is being written by process ${process.pid} (${thisWriter().command}, since TIME), expected a folder that no other process writes to. Wait for it, or end it${mend}.`,
    );
    expect(readdirSync(folder)).toEqual([]);
    expect(await whileLocked(folder, open)).toBe('done');
  });

  it('is let go by work that fails', async () => {
    kernel.answer = answer;
    const folder = newFolder();
    const failing = whileLocked(folder, () => Promise.reject(new Error('no')));
    expect((await errorOf(failing))!.message).toBe('no');
    expect(await whileLocked(folder, open, 0)).toBe('done');
  });

  it('has its holder remove what killed writers have left, and nothing else', async () => {
    kernel.answer = answer;
    const folder = newFolder();
    mkdirSync(join(folder, '.network.6f2b3c7e-8a41-4f0e-9d55-0c1b2a3d4e5f.tmp'));
    const own = ['.hidden.tmp', 'mine.tmp', 'result.json'];
    for (const name of own) writeFileSync(join(folder, name), '');
    expect(await whileLocked(folder, open)).toBe('done');
    expect(readdirSync(folder).sort()).toEqual(own);
  });
});

describe('the lock of a folder', () => {
  it.each(['kernel', 'file'] as const)('by %s: ends with its holder, also by SIGKILL', async (way) => {
    if (way === 'file') kernel.answer = NO_LOCKS;
    const folder = newFolder();
    const child = await holder(folder, way);
    expect((await errorOf(whileLocked(folder, open, 0)))!.message).toContain(
      `is being written by process ${child.pid} `,
    );
    const over = ended(child);
    child.kill('SIGKILL');
    await over;
    rmSync(join(folder, 'inside'), { force: true });
    expect(await whileLocked(folder, open)).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('waits for a process that is just ending', async () => {
    const folder = newFolder();
    const child = await holder(folder, 'kernel');
    setTimeout(() => child.kill('SIGKILL'), 300);
    expect(await whileLocked(folder, open)).toBe('done');
  });

  it.each(['kernel', 'file'])('by %s: is held by one of many at a time', async (way) => {
    const folder = newFolder();
    const many = Array.from({ length: 4 }, () => program('test/cli/fixtures/holder.ts', [folder, way, '100']));
    for (const { code, stdout, stderr } of await Promise.all(many)) {
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout).toBe('held\n'.repeat(100));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('by a file: one of many takes it over from a process that is gone', async () => {
    const folder = newFolder();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const gone = { ...thisWriter(), pid };
    for (let round = 0; round < 2; round++) {
      writeFileSync(join(folder, '.lock.pid'), JSON.stringify(gone));
      const many = Array.from({ length: 3 }, () => program('test/cli/fixtures/holder.ts', [folder, 'file', '3']));
      for (const { stdout } of await Promise.all(many)) expect(stdout).toBe('held\n'.repeat(3));
    }
  });

  it('by a file: stays with a process of another machine, of which nothing is known', async () => {
    kernel.answer = NO_LOCKS;
    const folder = newFolder();
    const path = join(folder, '.lock.pid');
    const since = new Date(2020, 1, 3, 4, 5, 6).toISOString();
    const elsewhere = { pid: 7, host: `not-${hostname()}`, command: 'banyan train', since };
    writeFileSync(path, JSON.stringify(elsewhere));
    expect((await errorOf(whileLocked(folder, open, 0)))!.message).toBe(
      `${folder} is being written by process 7 on not-${hostname()} (banyan train, since 2020-02-03 04:05:06), expected a folder that no other process writes to. Wait for it, or end it; if there is no such process any more, remove ${path}.`,
    );
    expect(readFileSync(path, 'utf8')).toBe(JSON.stringify(elsewhere));
  });

  it('by a file: is not taken from one who is about to write who he is', () => {
    const folder = newFolder();
    writeFileSync(join(folder, '.lock.pid'), '');
    expect(takeByFile(folder)).toMatchObject({ writer: undefined });
    expect(readdirSync(folder)).toEqual(['.lock.pid']);
  });

  it('says why a folder cannot be written to', async () => {
    const folder = newFolder();
    rmSync(folder, { recursive: true });
    expect((await errorOf(whileLocked(folder, open)))!.message).toBe(
      `${folder} cannot be written to: there is no such file or folder. Check the path.`,
    );
  });
});
