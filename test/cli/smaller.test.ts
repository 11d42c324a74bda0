import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyanEach } from './command.ts';

const folder = temporaryFolder();
const [teacher, student, run, out] = ['teacher.yaml', 'student.yaml', 'run', 'small'].map((name) => join(folder, name));
const experiment = (width: number) => `
seed: 1
trunk: { kind: transformer, width: ${width}, depth: 1, heads: 2 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: {}, right: {} }
training: { steps: 20, batch: 16 }
`;

it('prune and distil make runs of a smaller size, and tell on one curve what each costs', async () => {
  writeFileSync(teacher!, experiment(16));
  writeFileSync(student!, experiment(8));
  const [trained, pruned, taught, evaluated, wrong] = await banyanEach(
    ['train', teacher!, '--out', run!],
    ['prune', run!, '--keep', '0.5', '--steps', '10', '--out', out!],
    ['distil', run!, student!, '--temperature', '3', '--out', out!, '--json'],
    ['evaluate', join(out!, 'networks/student')],
    ['prune', out!],
  );
  expect(trained!.code).toBe(0);
  expect(pruned!.code, pruned!.stderr).toBe(0);
  expect(pruned!.stdout).toMatch(/^1\/2 {2}the network as it is: above accuracy [01]\.\d+, right accuracy [01]\.\d+/m);
  expect(pruned!.stdout).toMatch(/^2\/2 {2}50 % of heads and channels kept: above accuracy/m);
  expect(pruned!.stdout).toMatch(/^network .*weights .*parameters .*bytes .*% of them .*above accuracy .*ms/m);
  expect(pruned!.stdout).toContain(`All networks are in ${out}, pictures in ${join(out!, 'smaller.html')}`);
  expect(taught!.code, taught!.stderr).toBe(0);
  const { networks } = JSON.parse(taught!.stdout) as { networks: { name: string; parameters: number }[] };
  expect(networks.map(({ name }) => name)).toEqual(['original', 'keep-0.5', 'student']);
  for (const file of ['result.json', 'curve.csv', 'smaller.html']) expect(existsSync(join(out!, file))).toBe(true);
  expect(evaluated!.code, evaluated!.stderr).toBe(0);
  expect(wrong!.code).toBe(1);
  expect(wrong!.stderr).toContain('holds the many runs of `banyan prune`, expected a single one');
}, 300_000);
