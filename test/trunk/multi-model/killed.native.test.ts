// A training of one model for many kinds of input and output, killed in the middle: it ends with the bytes of one that was left alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../../repository.ts';

const place = temporaryFolder();
const CHILD = join(root, 'test/trunk/multi-model/killed-child.ts');
const KILLED = [5, 9];

/** Performs a process; what it told, and how it ended. */
function perform(folder: string, killedAt = '') {
  const args = ['--conditions=source', '--import', 'tsx', CHILD, folder, killedAt];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  const told = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  return { told, stderr, ended: signal ?? status };
}

it('killed twice, one task a step, with experts and one head that writes for three: all steps and weights are the same to the bit', () => {
  const alone = perform(mkdtempSync(join(place, 'alone-')));
  expect(alone).toMatchObject({ stderr: '', ended: 0 });
  const steps = alone.told.slice(0, -1);
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  for (const { drawn, auxiliary } of steps) {
    expect(drawn).toHaveLength(1);
    expect(auxiliary).toBeGreaterThan(0);
  }
  // Most tasks, also of those that write, had their turn.
  expect(new Set(steps.flatMap(({ drawn }) => drawn)).size).toBeGreaterThan(3);

  const folder = mkdtempSync(join(place, 'killed-'));
  const told = new Map<number, unknown>();
  for (const killedAt of KILLED) {
    const cut = perform(folder, String(killedAt));
    expect(cut).toMatchObject({ stderr: '', ended: 'SIGKILL' });
    for (const line of cut.told) told.set(line.step, line);
  }
  const last = perform(folder);
  expect(last).toMatchObject({ stderr: '', ended: 0 });
  // From a checkpoint, and not from the beginning.
  expect(last.told[0].step).toBeGreaterThan(KILLED[0]!);
  for (const line of last.told.slice(0, -1)) told.set(line.step, line);
  expect([...told.values()]).toEqual(steps);
  expect(last.told.at(-1)).toEqual(alone.told.at(-1));
  expect(last.told.at(-1).digest).toMatch(/^[0-9a-f]{64}$/);
}, 600_000);
