import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LoadedExperiment } from '../../../src/experiment/load.ts';
import { trusted } from '../../../src/experiment/plugins/trust.ts';
import { temporaryFolder } from '../../repository.ts';

const parent = temporaryFolder();
const STRANGER = 54_321;
afterEach(() => {
  vi.restoreAllMocks();
});

let count = 0;
function runWith(...plugins: string[]): { run: LoadedExperiment; folder: string } {
  const folder = join(parent, `run-${++count}`);
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, 'experiment.json');
  writeFileSync(file, '{}', { mode: 0o644 });
  const experiment = { plugins: plugins.map((plugin) => plugin.replace('FOLDER', folder)) };
  return { run: { file, experiment } as unknown as LoadedExperiment, folder };
}

/** Makes another user of whoever owns it: only root may do so truly. */
function give(path: string): number {
  if (process.geteuid!() === 0) {
    chownSync(path, STRANGER, STRANGER);
    return STRANGER;
  }
  const user = process.geteuid!();
  vi.spyOn(process, 'geteuid').mockReturnValue(STRANGER);
  return user;
}

const nobody = () => undefined;
const asked = (answer: boolean) => vi.fn((_: string) => Promise.resolve(answer));

describe.skipIf(process.geteuid === undefined)(
  'a run that names plugins (needs users, which Windows has otherwise)',
  () => {
    it('is trusted where only its user can write it', async () => {
      const { run, folder } = runWith('FOLDER/own.mjs');
      expect(await trusted(run, folder, { plugins: true }, nobody)).toBe(run);
    });

    it('is asked about where it belongs to another user', async () => {
      const { run, folder } = runWith('FOLDER/evil.mjs', 'a-package');
      const user = give(folder);
      const yes = asked(true);
      expect(await trusted(run, folder, { plugins: true }, yes)).toBe(run);
      expect(yes.mock.calls).toEqual([
        [`This imports ./evil.mjs, a-package for ${folder}, whose folder belongs to user ${user}: go on? [y/N] `],
      ]);
      for (const ask of [asked(false), nobody]) {
        await expect(trusted(run, folder, { plugins: true }, ask)).rejects.toThrow(
          `${folder} imports ./evil.mjs, a-package, and its folder belongs to user ${user}: expected a run that only this user can write. Look at that code; then give --trust to import it, or --no-plugins to do without.`,
        );
      }
    });

    it('is asked about where its experiment alone does', async () => {
      const { run, folder } = runWith('FOLDER/evil.mjs');
      if (process.geteuid!() !== 0) chmodSync(folder, 0o755);
      const user = give(run.file);
      await expect(trusted(run, folder, { plugins: true }, nobody)).rejects.toThrow(
        process.geteuid!() === 0 ? `its experiment.json belongs to user ${user}` : `belongs to user ${user}`,
      );
    });

    it('is asked about where everyone can write it', async () => {
      const { run, folder } = runWith('FOLDER/evil.mjs');
      chmodSync(folder, 0o777);
      await expect(trusted(run, folder, { plugins: true }, nobody)).rejects.toThrow(
        'and its folder can be written by every user: expected',
      );
      chmodSync(folder, 0o755);
      chmodSync(run.file, 0o666);
      await expect(trusted(run, folder, { plugins: true }, nobody)).rejects.toThrow(
        'and its experiment.json can be written by every user: expected',
      );
    });

    it('is asked about in words that a terminal shows as they are', async () => {
      const { run, folder } = runWith('FOLDER/evil.mjs\u001b[2K\u009b1A\u202e.txt');
      chmodSync(folder, 0o777);
      const no = asked(false);
      await expect(trusted(run, folder, { plugins: true }, no)).rejects.toThrow('./evil.mjs?[2K?1A?.txt');
      expect(no.mock.calls[0]![0]).not.toMatch(/\p{C}/u);
    });

    it('is not asked about where nothing is imported, or its user has said so', async () => {
      const { run, folder } = runWith('FOLDER/evil.mjs');
      chmodSync(folder, 0o777);
      expect(await trusted(run, folder, { plugins: true, trust: true }, nobody)).toBe(run);
      expect(await trusted(run, folder, { plugins: false }, nobody)).toEqual({ ...run, withoutPlugins: true });
      const { run: plain, folder: other } = runWith();
      chmodSync(other, 0o777);
      expect(await trusted(plain, other, { plugins: true }, nobody)).toBe(plain);
    });
  },
);
