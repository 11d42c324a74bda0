import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { exportText } from '../../src/cli/print/export.ts';
import { root, temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const run = join(folder, 'run');

beforeAll(async () => {
  writeFileSync(
    join(folder, 'e.yaml'),
    `trunk: { kind: dense, width: 16, depth: 1 }\nplugins: [${join(root, 'test/cli/fixtures/rows.ts')}]\ntasks: { side: , sum: }\ntraining: { steps: 2, batch: 32 }\n`,
  );
  expect(await banyan(['train', join(folder, 'e.yaml'), '--out', run])).toMatchObject({ code: 0, stderr: '' });
}, 300_000);

it("writes a run's network for other programs, and says what it holds and who has checked it", async () => {
  const out = join(folder, 'saved');
  const { code, stdout, stderr } = await banyan(['export', run, '--format', 'saved-model', '--out', out]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^side +input float32\[batch, 2\] +output float32\[batch, 2\] +\d\.\de[+-]\d+ +[\d.]+ m?s$/m);
  expect(stdout).toMatch(/^.*saved: \d.* KB\. Checked by TensorFlow/m);
  expect(existsSync(join(out, 'saved_model.pb'))).toBe(true);
  expect(JSON.parse(readFileSync(join(out, 'banyan-export.json'), 'utf8'))).toMatchObject({ format: 'saved-model' });

  const again = await banyan(['export', run, '--format', 'saved-model', '--out', out]);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toBe(
    `error: ${out} is there already, expected a folder that is not, or an empty one. Choose another, or remove it.\n`,
  );
});

it('takes tasks by name, and answers in JSON', async () => {
  const out = join(folder, 'page');
  const { code, stdout } = await banyan([
    'export',
    run,
    '--format',
    'tfjs',
    '--task',
    'sum',
    '--out',
    out,
    '--with-prepare',
    '--json',
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'tfjs', functions: [{ name: 'sum', task: 'sum' }] });
  expect(existsSync(join(out, 'banyan-export.mjs'))).toBe(true);
  const half = await banyan([
    'export',
    run,
    '--format',
    'tfjs',
    '--quantise',
    'float16',
    '--out',
    join(folder, 'half'),
  ]);
  expect([half.code, half.stderr]).toEqual([0, '']);
  expect(half.stdout).toMatch(/^side +accuracy +\d\.\d{3} +\d\.\d{3}$/m);
  expect((await banyan(['export', run, '--format', 'pickle', '--out', out])).code).toBe(2);
});

it('says what is missing where nothing could check it', () => {
  const tensor = { shape: [-1, 2], dtype: 'float32' };
  const functions = [{ name: 'a', task: 'a', inputs: [{ ...tensor, name: 'x' }], outputs: [{ ...tensor, name: 'y' }] }];
  const report = {
    format: 'onnx',
    bytes: 1234,
    missing: 'ONNX Runtime; `npm install x` installs it',
    functions,
  } as const;
  expect(exportText(report, 'out').split('\n').slice(2)).toEqual([
    'a         x float32[batch, 2]  y float32[batch, 2]',
    '',
    'out: 1.2 KB. It was not checked: that needs ONNX Runtime; `npm install x` installs it.',
  ]);
  const module = { a: { prepares: false, decodes: false }, b: { prepares: true, decodes: true } };
  expect(exportText({ ...report, module }, 'out')).toContain(
    '\na: the module cannot prepare or decode for it; its parts name no kind.\n\nout: 1.2 KB.',
  );
});
