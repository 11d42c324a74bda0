import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LearningCurveResult } from '../../src/study/learning-curve/result.ts';
import { root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const TEXT = `
seed: 1
trunk: { kind: dense, width: 8, depth: 1 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , right: }
training: { steps: 40, batch: 8, threads: 1 }
`;
const file = join(folder, 'e.yaml');
writeFileSync(file, TEXT);

it('banyan learning-curve stops, goes on, and says what more examples bring', async () => {
  const out = join(folder, 'curve');
  const command = [
    'learning-curve',
    file,
    '--task',
    'above',
    '--fractions',
    '0.25,0.5,1',
    '--seeds',
    '2',
    '--out',
    out,
  ];
  let sent = false;
  const stopped = await banyan(command, (text, child) => {
    if (sent || !/^ 1\/12 /m.test(text)) return;
    sent = true;
    child.kill('SIGTERM');
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(
    /Interrupted after \d+ of 12 runs\. Go on with: banyan learning-curve .*e\.yaml --task above --fractions 0\.25,0\.5,1 --seeds 2 --out /,
  );
  expect(existsSync(join(out, 'result.json'))).toBe(false);

  const { code, stdout } = await banyan([...command, '--json']);
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(join(out, 'result.json'), 'utf8'));
  const result = JSON.parse(stdout) as LearningCurveResult;
  expect(result.rows.map(({ way, sizes }) => [way, sizes.map(({ values }) => values.length)])).toEqual([
    ['together', [2, 2, 2]],
    ['alone', [2, 2, 2]],
  ]);
  expect(readdirSync(join(out, 'points'))).toHaveLength(12);
  expect(readFileSync(join(out, 'learning-curve.html'), 'utf8')).toMatch(/<svg[\s\S]*training examples/);
  // The rule of thumb stands beside it, by the weights that the task trains alone.
  expect(result.rule.examples).toBe(result.rule.parameters ** 2);
  expect(result.findings.at(-1)).toMatch(/^The rule of thumb P × P asks for .* examples for the .* weights/);

  const other = join(folder, 'other.yaml');
  writeFileSync(other, TEXT.replace('steps: 40', 'steps: 41'));
  const [again, refused, nobody, few] = await banyanEach(
    [...command, '--target', '0.99'],
    ['learning-curve', other, '--task', 'above', '--out', out],
    ['learning-curve', file, '--task', 'abvoe'],
    ['learning-curve', file, '--task', 'above', '--fractions', '0.5,1'],
  );
  expect(again!.code).toBe(0);
  expect(again!.stdout).toContain('going on in');
  expect(again!.stdout).toMatch(/^above alone: accuracy 0\.99 (is reached|needs|will not be reached)/m);
  expect(refused!.stderr).toContain(`${out} was made for another experiment: training.steps is 41, was 40.`);
  expect(nobody!.stderr).toContain(
    'learning-curve: task must be one of the experiment\'s: above, right, received "abvoe". Did you mean "above"?',
  );
  expect(few!.stderr).toContain('fractions must be a list of at least three different numbers > 0 and <= 1');
});
