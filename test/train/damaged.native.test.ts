// Checkpoints that the disk, or somebody, has changed: the older one is taken, with a warning, or nothing is touched.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, expect, it, vi } from 'vitest';
import { readFolder, writeFolder } from '../../src/checkpoint/index.ts';
import { createNetwork, denseTrunk, type Network, resume, type TrainOptions, train } from '../../src/index.ts';
import type { Json } from '../../src/task/contract.ts';
import { sealed } from '../checkpoint/changed.ts';
import { numbersTask } from '../fixtures.ts';

const place = mkdtempSync(join(tmpdir(), 'banyan-damaged-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
let places = 0;

const fresh = () => createNetwork({ trunk: denseTrunk({ width: 4, depth: 1 }), tasks: [numbersTask('a')], seed: 9 });
const options = (folder: string): TrainOptions => ({
  steps: 6,
  batch: 8,
  balance: 'dwa',
  checkpoint: { every: 2, folder },
});

/** Checkpoints of the steps 2 and 4 of 6, as a kill leaves them. */
async function killed(): Promise<string> {
  const folder = join(place, String(++places));
  const network = await fresh();
  await lastValueFrom(
    train(network, { ...options(folder), stop: (event) => event.kind === 'step' && event.step === 4 }),
  );
  network.dispose();
  expect(readdirSync(folder).sort()).toEqual(['step-00000002', 'step-00000004']);
  return folder;
}

/** Goes on to the end; says where it began, or the error, and the warnings. */
async function resumed(folder: string, changes: Partial<TrainOptions> = {}) {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const network: Network = await fresh();
  try {
    const events = await lastValueFrom(resume(network, folder, { ...options(folder), ...changes }).pipe(toArray()));
    return { begun: events[0]!.step, warnings: warn.mock.calls.map(([text]) => String(text)) };
  } catch (error) {
    return { error: (error as Error).message, warnings: warn.mock.calls.map(([text]) => String(text)) };
  } finally {
    network.dispose();
    warn.mockRestore();
  }
}

/** As far as it is changed here. */
interface Content {
  readonly training: {
    step: number;
    settings: unknown;
    balance: Json;
    readonly reading: { readonly positions: Record<string, number> };
  };
}

/** Writes the newest checkpoint once more, with other content or files. */
async function rewritten(
  folder: string,
  change: (content: Content, files: Map<string, Uint8Array>) => void,
): Promise<void> {
  const newest = join(folder, 'step-00000004');
  const { content, files } = await readFolder(newest);
  const copies = new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)]));
  change(content as unknown as Content, copies as Map<string, Uint8Array>);
  await writeFolder(newest, copies, content);
}

const flip = (path: string, at: number) => {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
};
const mend = 'Use another copy, or another checkpoint.';

it.each<[string, (newest: string, folder: string) => void | Promise<void>, (newest: string) => string]>([
  [
    'a flipped bit in a reading position',
    (newest) => flip(join(newest, 'manifest.json'), readFileSync(join(newest, 'manifest.json')).indexOf('"a": 32') + 5),
    (newest) => `${newest}: manifest.json is damaged: its sha256 is another one than it says. ${mend}`,
  ],
  [
    'a flipped bit in the settings',
    (newest) =>
      flip(join(newest, 'manifest.json'), readFileSync(join(newest, 'manifest.json')).indexOf('"batch": 8') + 9),
    (newest) => `${newest}: manifest.json is damaged: its sha256 is another one than it says. ${mend}`,
  ],
  [
    'a flipped bit in its weights',
    (newest) => flip(join(newest, 'weights.safetensors'), 400),
    (newest) => `${newest}: weights.safetensors: its sha256 differs from the manifest's. ${mend}`,
  ],
  [
    'no settings that can be read',
    (_, folder) =>
      rewritten(folder, (content) => {
        content.training.settings = 'none';
      }),
    (newest) => `${newest}: training.settings is "none", expected object. ${mend}`,
  ],
  [
    'a position below zero',
    (_, folder) =>
      rewritten(folder, (content) => {
        content.training.reading.positions.a = -8;
      }),
    (newest) => `${newest}: training.reading.positions.a is -8, expected number to be >=0. ${mend}`,
  ],
  [
    'another step than its name',
    (_, folder) =>
      rewritten(folder, (content) => {
        content.training.step = 3;
      }),
    (newest) => `${newest}: it was written after step 3, and its name says 4. ${mend}`,
  ],
  [
    'no optimiser state',
    (_, folder) => rewritten(folder, (__, files) => void files.delete('optimizer.safetensors')),
    (newest) => `${newest}: it lacks optimizer.safetensors. ${mend}`,
  ],
  [
    'optimiser state that is not finite',
    (_, folder) =>
      rewritten(folder, (__, files) => {
        const bytes = files.get('optimizer.safetensors') as Buffer;
        bytes.writeFloatLE(Number.POSITIVE_INFINITY, bytes.length - 4);
      }),
    (newest) =>
      `${newest}/optimizer.safetensors: "stem/a/kernel#square" holds Infinity (number 15), expected finite numbers. ${mend}`,
  ],
  [
    'weights that are not finite',
    (_, folder) =>
      rewritten(folder, (__, files) => {
        const bytes = files.get('weights.safetensors') as Buffer;
        bytes.writeFloatLE(Number.NaN, bytes.length - 4);
      }),
    (newest) =>
      `${newest}/weights.safetensors: "stem/a/kernel" holds NaN (number 15), expected finite numbers. ${mend}`,
  ],
  [
    'a manifest of an earlier version',
    (newest) => writeFileSync(join(newest, 'manifest.json'), '{"format": "banyan", "version": 1}'),
    (newest) =>
      `${newest} was written by an earlier version of Banyan (format 1), expected format 2. Train it anew, or go on with it in that version.`,
  ],
  [
    'no manifest',
    (newest) => rmSync(join(newest, 'manifest.json')),
    (newest) => `${newest}: expected a manifest.json, and it cannot be read: there is no such file or folder. ${mend}`,
  ],
])('with %s in the newest checkpoint the older one is taken, and both are named', async (_, damage, why) => {
  const folder = await killed();
  const newest = join(folder, 'step-00000004');
  await damage(newest, folder);
  expect(await resumed(folder)).toEqual({
    begun: 2,
    warnings: [
      `resume passes over a damaged checkpoint: ${why(newest)} It goes on from an older one, ${join(folder, 'step-00000002')}, and makes the steps between once more.`,
    ],
  });
});

it('ends with the bytes of a training that nothing has damaged', async () => {
  const [whole, folder] = [await killed(), await killed()];
  flip(join(folder, 'step-00000004', 'manifest.json'), 300);
  for (const run of [whole, folder]) await resumed(run);
  for (const name of ['weights.safetensors', 'optimizer.safetensors', 'manifest.json']) {
    const [a, b] = [whole, folder].map((run) => readFileSync(join(run, 'step-00000006', name)));
    expect(a!.equals(b!), name).toBe(true);
  }
});

it('a setting that the user changed is an error, whatever older checkpoints there are', async () => {
  const folder = await killed();
  const newest = join(folder, 'step-00000004');
  const said = await resumed(folder, { batch: 9 });
  expect(said).toEqual({
    error: `${newest} was trained with batch = 8, and now it is 9: the run would not end with the same bits. Resume with the same settings, or load the network and train it anew.`,
    warnings: [],
  });
});

it('where all are damaged, all are named', async () => {
  const folder = await killed();
  for (const step of [2, 4]) writeFileSync(join(folder, `step-0000000${step}`, 'manifest.json'), 'gone');
  const why = (step: number) => `${folder}/step-0000000${step}: manifest.json is damaged: it is no JSON. ${mend}`;
  expect(await resumed(folder)).toEqual({
    error: `${folder} holds no whole checkpoint (${why(4)} ${why(2)}). Expected a folder step-… written by a training. Train anew.`,
    warnings: [],
  });
  expect((await resumed(join(folder, 'none'))).error).toBe(
    `${folder}/none holds no whole checkpoint. Expected a folder step-… written by a training. Train anew.`,
  );
});

it('a folder that cannot be listed is not taken for an empty one', async () => {
  const folder = await killed();
  const aside = `${folder}.aside`;
  renameSync(folder, aside);
  symlinkSync(folder, folder); // In a circle.
  expect((await resumed(folder)).error).toBe(
    `${folder} cannot be read: its links lead in a circle. Correct the links.`,
  );
  rmSync(folder);
  writeFileSync(folder, 'a file');
  expect((await resumed(folder)).error).toBe(
    `${folder} cannot be read: a part of the path is a file, not a folder. Check the path.`,
  );
  const network = await fresh();
  await expect(lastValueFrom(train(network, options(folder)))).rejects.toThrow(`${folder} cannot be read`);
  network.dispose();
});

it('a damaged checkpoint that is later than the training goes, and two whole ones stay', async () => {
  const folder = await killed();
  writeFileSync(join(folder, 'step-00000004', 'manifest.json'), 'gone');
  const stop: TrainOptions['stop'] = (event) => event.kind === 'step' && event.step === 3;
  const { begun } = await resumed(folder, { stop });
  expect(begun).toBe(2);
  expect(readdirSync(folder).sort()).toEqual(['step-00000002', 'step-00000003']);
});

it('a state of the balancing method that is none is refused', async () => {
  const folder = await killed();
  const states: Json[] = [null, 'x', {}, { steps: 1, sum: 3, counted: [], last: [], previous: [] }];
  for (const balance of states) {
    await rewritten(folder, (content) => {
      content.training.balance = balance;
    });
    expect((await resumed(folder)).error).toMatch(/^dwa: the saved state/);
  }
});

it('is not fooled by a sealed manifest of nothing', async () => {
  const folder = await killed();
  writeFileSync(
    join(folder, 'step-00000004', 'manifest.json'),
    sealed({ format: 'banyan', version: 2, content: null, files: {} }),
  );
  const { begun, warnings } = await resumed(folder);
  expect({ begun, count: warnings.length }).toEqual({ begun: 2, count: 1 });
  expect(warnings[0]).toContain(`step-00000004: its content is null, expected object. ${mend}`);
});
