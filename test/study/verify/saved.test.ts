import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { checkpointsOf, findSaved } from '../../../src/study/run/saved.ts';
import { temporaryFolder } from '../../repository.ts';
import { saveCheckpoint, saveNetwork } from './made.ts';

const root = temporaryFolder();
let places = 0;
let warn: MockInstance;
const warnings = () => warn.mock.calls.map(([text]) => String(text));
beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

const damage = (folder: string) => writeFileSync(join(folder, 'manifest.json'), 'gone');
const why = (folder: string) =>
  `${folder}: manifest.json is damaged: it is no JSON. Use another copy, or another checkpoint.`;

/** A run with a trained network and two checkpoints. */
async function run() {
  const folder = join(root, String(++places));
  const [network, checkpoints] = [join(folder, 'network'), join(folder, 'checkpoints')];
  mkdirSync(checkpoints, { recursive: true });
  await saveNetwork(network);
  for (const step of [2, 4]) await saveCheckpoint(checkpoints, step);
  return {
    folder,
    network,
    checkpoints,
    older: join(checkpoints, 'step-00000002'),
    newer: join(checkpoints, 'step-00000004'),
  };
}

it('the network of a run is the trained one, else the newest checkpoint, else what the folder holds itself', async () => {
  const { folder, network, newer, checkpoints } = await run();
  expect((await findSaved(folder))!.path).toBe(network);
  expect((await findSaved(network))!.path).toBe(network);
  rmSync(network, { recursive: true });
  expect(await findSaved(folder)).toEqual({ path: newer, tasks: [{ name: 'a', stem: 'stem/a' }] });
  rmSync(checkpoints, { recursive: true });
  expect(await findSaved(folder)).toBeUndefined();
  expect(warnings()).toEqual([]);
});

it('one that is damaged is passed over, and named with the one that stands in its place', async () => {
  const { folder, network, newer, older } = await run();
  for (const path of [network, newer]) damage(path);
  expect((await findSaved(folder))!.path).toBe(older);
  expect(warnings()).toEqual(
    [network, newer].map(
      (path) =>
        `A saved network is damaged and is passed over: ${why(path)} In its place stands an older one, ${older}.`,
    ),
  );
  damage(older);
  await expect(findSaved(folder)).rejects.toMatchObject({
    code: 'checkpoint',
    message: `${folder} holds no whole network. ${why(network)} ${why(newer)} ${why(older)}`,
  });
});

it('checkpoints that cannot be listed are not taken for none', async () => {
  const { folder, checkpoints } = await run();
  rmSync(checkpoints, { recursive: true });
  symlinkSync(checkpoints, checkpoints);
  const said = `${checkpoints} cannot be read: its links lead in a circle. Correct the links.`;
  await expect(checkpointsOf(folder)).rejects.toMatchObject({ code: 'checkpoint', message: said });
  await expect(findSaved(folder)).rejects.toThrow(said);
  rmSync(checkpoints);
  expect(await checkpointsOf(folder)).toEqual([]);
});
