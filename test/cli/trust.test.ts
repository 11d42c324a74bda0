// Plugins that a run's folder names are code.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const points = join(root, 'test/cli/fixtures/points.ts');
const run = join(folder, 'run');
const mark = join(run, 'mark');
const picture = join(folder, 'picture.png');

/** An experiment of one task, trained for a step. */
async function train(out: string, task: string, ...plugins: string[]): Promise<void> {
  const file = join(folder, `${task}.json`);
  const experiment = {
    trunk: { kind: 'dense', width: 4, depth: 2 },
    tasks: { [task]: {} },
    plugins,
    training: { steps: 1, batch: 8 },
  };
  writeFileSync(file, JSON.stringify(experiment));
  expect(await banyan(['train', file, '--out', out])).toMatchObject({ code: 0, stderr: '' });
}

/** Whether a command imported the folder's own code. */
async function imports(...args: readonly string[]): Promise<boolean> {
  rmSync(mark, { force: true });
  const { code, stderr } = await banyan(args);
  expect([code, stderr]).toEqual([0, '']);
  return existsSync(mark);
}

beforeAll(async () => {
  await train(run, 'shapes');
  writeFileSync(
    join(run, 'evil.mjs'),
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(mark)}, '');\nexport default { load() {} };\n`,
  );
  const file = join(run, 'experiment.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), plugins: ['./evil.mjs'] }));
  const { default: sharp } = await import('sharp');
  await sharp(Buffer.alloc(28 * 28), { raw: { width: 28, height: 28, channels: 1 } })
    .png()
    .toFile(picture);
});

describe('--no-plugins', () => {
  it('imports nothing that the run names, to inspect, evaluate, predict and grow', async () => {
    rmSync(mark, { force: true });
    const outcomes = await banyanEach(
      ['inspect', run, '--no-plugins'],
      ['evaluate', run, '--no-plugins'],
      ['predict', run, picture, '--task', 'shapes', '--no-plugins'],
      ['add-column', run, '--tasks', 'notes', '--steps', '1', '--out', join(folder, 'grown'), '--no-plugins'],
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(mark)).toBe(false);
  });

  it('is missed by a run that is gone on with, and by inspect', async () => {
    const cut = join(folder, 'cut');
    cpSync(run, cut, { recursive: true });
    rmSync(join(cut, 'result.json'));
    expect(await imports('resume', cut, '--no-plugins')).toBe(false);
    expect(await imports('inspect', run)).toBe(true);
  });

  it('names a task that needs one', async () => {
    const other = join(folder, 'other');
    await train(other, 'above', points);
    expect(await banyan(['evaluate', other, '--no-plugins'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${join(other, 'experiment.json')}, line 9: the task "above" is not a built-in one, and --no-plugins leaves out what may bring it: ${points}. Look at that code, and leave --no-plugins out once you trust it.\n`,
    });
  });
});

const SCRIPT = '/usr/bin/script';

describe.skipIf(process.geteuid === undefined)(
  'a run that others can write (needs users, which Windows has otherwise)',
  () => {
    beforeAll(() => chmodSync(run, 0o777));

    it('is imported where its user says so, and not without', async () => {
      rmSync(mark, { force: true });
      expect(await banyan(['evaluate', run])).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: ${run} imports ./evil.mjs, and its folder can be written by every user: expected a run that only this user can write. Look at that code; then give --trust to import it, or --no-plugins to do without.\n`,
      });
      expect(existsSync(mark)).toBe(false);
      expect(await imports('evaluate', run, '--trust')).toBe(true);
    });

    it.skipIf(!existsSync(SCRIPT))('is asked about on a terminal (needs /usr/bin/script)', () => {
      const command = `${process.execPath} ${builtCommand} inspect ${run}`;
      const answered = (input: string) => {
        rmSync(mark, { force: true });
        const { stdout, status } = spawnSync(SCRIPT, ['-qec', command, '/dev/null'], {
          cwd: root,
          input,
          encoding: 'utf8',
        });
        expect(stdout).toContain(
          `This imports ./evil.mjs for ${run}, whose folder can be written by every user: go on? [y/N]`,
        );
        return [status, existsSync(mark)];
      };
      for (const no of ['n\n', '\n']) expect(answered(no)).toEqual([1, false]);
      expect(answered('y\n')).toEqual([0, true]);
    });
  },
);
