import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it, vi } from 'vitest';
import { sha256Of } from '../../../src/runtime/install/setup/sha256.ts';
import { INSTRUCTION_SETS, kernelsFolder } from '../../../src/runtime/kernels/files.ts';
import { verifyFolder, verifyTensorflow } from '../../../src/study/verify/verify.ts';
import { banyan } from '../../cli/command.ts';
import { temporaryFolder } from '../../repository.ts';
import { saveCheckpoint, saveNetwork } from './made.ts';

const root = temporaryFolder();

/** What is found below a folder: `ok` or `bad`, where, and what is said of it. */
async function findings(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { ok, about, text } of verifyFolder(folder))
    found.push(`${ok ? 'ok' : 'bad'} ${relative(root, about)}: ${text}`);
  return found;
}

const experiment = {
  name: 'mine',
  seed: 1,
  tasks: { a: {} },
  trunk: { kind: 'dense', width: 2, depth: 1 },
  training: { steps: 4, batch: 8 },
};
const run = join(root, 'runs', 'mine-1');
mkdirSync(join(run, 'checkpoints'), { recursive: true });
writeFileSync(join(run, 'experiment.json'), JSON.stringify(experiment));
writeFileSync(join(run, 'events.jsonl'), '{"kind":"start","step":0}\n{"kind":"st');
writeFileSync(join(run, 'cost.json'), '{"seconds": 1, "peakMemoryMB": 100}');
writeFileSync(join(run, 'result.json'), '{"steps": 4, "metrics": {}, "splits": {}, "leading": {}}');
await saveNetwork(join(run, 'network'));
for (const step of [2, 4]) await saveCheckpoint(join(run, 'checkpoints'), step);

it('everything of a run is read and named', async () => {
  const at = 'runs/mine-1';
  expect(await findings(root)).toEqual([
    `ok ${at}/experiment.json: experiment "mine"`,
    `ok ${at}/events.jsonl: 1 events`,
    `ok ${at}/result.json: a result`,
    `ok ${at}/cost.json: what it took`,
    `ok ${at}/checkpoints/step-00000002: checkpoint after step 2: 4 weights, all as they were written`,
    `ok ${at}/checkpoints/step-00000004: checkpoint after step 4: 4 weights, all as they were written`,
    `ok ${at}/network: network of a: 4 weights, all as they were written`,
  ]);
});

it('what is damaged is told with the reason, and the rest is read all the same', async () => {
  const other = join(root, 'other');
  cpSync(run, other, { recursive: true });
  writeFileSync(join(other, 'experiment.json'), '{"tasks": 3}');
  writeFileSync(join(other, 'events.jsonl'), '{"kind":"start"}\nnull\n{"kind":"end"}\n');
  writeFileSync(join(other, 'result.json'), '[]');
  const newest = join(other, 'checkpoints', 'step-00000004');
  const weights = join(newest, 'weights.safetensors');
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(weights, bytes);
  const found = await findings(other);
  expect(found.filter((line) => line.startsWith('ok'))).toHaveLength(3);
  const bad = found.filter((line) => line.startsWith('bad'));
  expect(bad).toHaveLength(4);
  expect(bad[0]).toMatch(/^bad other\/experiment\.json: /);
  expect(bad[1]).toBe(
    `bad other/events.jsonl: ${other}/events.jsonl, line 2: expected a record of JSON, and it is none. Whatever reads the log leaves it out; remove it.`,
  );
  expect(bad[2]).toMatch(/^bad other\/result\.json: .*result\.json is damaged: /);
  expect(bad[3]).toBe(
    `bad other/checkpoints/step-00000004: ${newest}: weights.safetensors: its sha256 differs from the manifest's. Use another copy, or another checkpoint.`,
  );
  rmSync(other, { recursive: true });
});

it('a folder without anything is an error', async () => {
  mkdirSync(join(root, 'empty'));
  await expect(findings(join(root, 'empty'))).rejects.toMatchObject({
    code: 'checkpoint',
    message: `${root}/empty holds nothing that was saved, expected a run, a saved network, or a folder with such. Check the path.`,
  });
  await expect(findings(join(root, 'none'))).rejects.toThrow(
    `${root}/none cannot be read: there is no such file or folder. Check the path.`,
  );
});

it('TensorFlow is compared with the digests of its set-up', async () => {
  const folder = join(root, 'tensorflow');
  const kernels = kernelsFolder(folder);
  mkdirSync(kernels, { recursive: true });
  writeFileSync(join(folder, 'library.so'), 'machine code');
  const digests: Record<string, string> = {};
  for (const set of Object.keys(INSTRUCTION_SETS)) {
    writeFileSync(join(kernels, `${set}.so`), set);
    digests[`${set}.so`] = await sha256Of(join(kernels, `${set}.so`));
  }
  writeFileSync(join(kernels, 'sha256.json'), JSON.stringify(digests));
  const manifest = (sha256?: string) =>
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ files: [{ path: 'library.so', size: 12, sha256 }] }));
  vi.stubEnv('BANYAN_TENSORFLOW', folder);
  vi.stubEnv('BANYAN_CACHE', join(root, 'no-cache'));
  const said = async () => {
    const found: string[] = [];
    for await (const { ok, text } of verifyTensorflow()) found.push(`${ok ? 'ok' : 'bad'} ${text}`);
    return found;
  };
  const mend = 'Remove that folder, and run `banyan setup`.';
  manifest(await sha256Of(join(folder, 'library.so')));
  expect(await said()).toEqual(['ok TensorFlow as it was set up']);
  writeFileSync(join(folder, 'library.so'), 'machine cod3');
  writeFileSync(join(kernels, 'avx2.so'), 'other');
  expect(await said()).toEqual([
    `bad TensorFlow cannot be trusted: library.so is another one than was made: its sha256 differs; avx2.so is another one than was made: its sha256 differs. ${mend}`,
  ]);
  manifest();
  expect(await said()).toEqual([`ok TensorFlow, not compared: its set-up took down no digests. ${mend}`]);
  vi.unstubAllEnvs();
});

it('a run whose checkpoints cannot be listed is neither resumed nor touched', async () => {
  const broken = join(root, 'broken');
  cpSync(run, broken, { recursive: true });
  rmSync(join(broken, 'result.json'));
  rmSync(join(broken, 'checkpoints'), { recursive: true });
  writeFileSync(join(broken, 'checkpoints'), 'a file');
  const tasks = { shapes: {} };
  writeFileSync(
    join(broken, 'experiment.json'),
    JSON.stringify({ ...experiment, tasks, plugins: ['banyan-ml/tasks'] }),
  );
  const before = readFileSync(join(broken, 'events.jsonl'), 'utf8');
  const { code, stderr } = await banyan(['resume', broken]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `${broken}/checkpoints cannot be read: a part of the path is a file, not a folder. Check the path.`,
  );
  expect(readFileSync(join(broken, 'events.jsonl'), 'utf8')).toBe(before);
});
