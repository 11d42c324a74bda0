import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ComparisonResult } from '../../src/study/compare/result.ts';
import { root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const TEXT = `
seed: 1
trunk: { kind: transformer, width: 8, depth: 1, heads: 2, dropout: 0.1 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , right: }
training: { steps: 150, batch: 8, threads: 1 }
`;

function fileOf(name: string, text: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, text);
  return file;
}

it('banyan compare stops, goes on, grows by a method, and refuses what is another experiment', async () => {
  const file = fileOf('e', TEXT);
  const out = join(folder, 'comparison');
  const compare = (methods: string, ...more: string[]) =>
    ['compare', file, '--methods', methods, '--seeds', '1', '--out', out, ...more] as const;
  let sent = false;
  const stopped = await banyan(compare('equal,pcgrad'), (text, child) => {
    if (sent || !/^1\/4 /m.test(text)) return;
    sent = true;
    // In the middle of the next run: once it has a folder there is something to go on from.
    const waiting = setInterval(() => {
      if (!existsSync(join(out, 'runs', 'alone-right-seed-1', 'experiment.json'))) return;
      clearInterval(waiting);
      child.kill('SIGTERM');
    }, 10);
  });
  expect(stopped.stderr).toBe('');
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toContain(
    `Interrupted after 1 of 4 runs. Go on with: banyan compare ${file} --methods equal,pcgrad --seeds 1 --out ${out}`,
  );
  expect(existsSync(join(out, 'result.json'))).toBe(false);
  expect(existsSync(join(out, 'runs', 'alone-right-seed-1', 'result.json'))).toBe(false);

  const { code, stdout } = await banyan(compare('equal,pcgrad', '--json'));
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as ComparisonResult;
  expect(stdout).toBe(readFileSync(join(out, 'result.json'), 'utf8'));
  expect(readdirSync(join(out, 'runs')).sort()).toEqual([
    'alone-above-seed-1',
    'alone-right-seed-1',
    'equal-seed-1',
    'pcgrad-seed-1',
  ]);
  expect(result.rows.map(({ name }) => name)).toEqual(['equal', 'pcgrad']);
  for (const { tasks, seconds, peakMemoryMB } of result.rows) {
    expect(tasks.above!.mean).toBeGreaterThan(0.5);
    expect(seconds).toBeGreaterThan(0);
    expect(peakMemoryMB).toBeGreaterThan(50);
  }
  expect(readFileSync(join(out, 'compare.html'), 'utf8')).toMatch(/<svg[\s\S]*delta-m/);

  // A candidate that cannot start takes no other with it.
  const grown = await banyan(compare('equal,mgda,trimmed-mean'));
  expect(grown.code).toBe(1);
  expect(grown.stdout).toMatch(/^5\/5 {2}seed 1 · trimmed-mean failed: .*trimNumber/m);
  expect(grown.stdout).toMatch(/^equal +\d/m);
  expect(grown.stdout).toMatch(/^mgda +\d/m);
  expect(grown.stdout).toContain('One seed says nothing of chance');
  expect(grown.stdout).not.toContain('pcgrad');

  const other = fileOf('other', TEXT.replace('steps: 150', 'steps: 151'));
  const [refused, resumed] = await banyanEach(['compare', other, '--methods', 'equal', '--out', out], ['resume', out]);
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: ${out} was made for another experiment: training.steps is 151, was 150. Expected a comparison of the same experiment, to go on with it. Set the file back, or choose another --out.\n`,
  });
  expect(resumed!.stderr).toContain('holds the many runs of `banyan compare`');
}, 300_000);

it('banyan compare says at once what no run can start with', async () => {
  const file = fileOf('wrong', TEXT.replace('above: ,', 'abvoe: ,'));
  const out = join(folder, 'wrong');
  const { code, stdout, stderr } = await banyan(['compare', file, '--methods', 'equal', '--out', out]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/wrong\.yaml, line 5: there is no task "abvoe".* Did you mean "above"\?/);
  expect(existsSync(out)).toBe(false);
});
