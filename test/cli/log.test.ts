import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { records } from '../../src/report/log/event-file.ts';
import { temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'logged.yaml');
const write = (log: string) =>
  writeFileSync(
    experiment,
    `trunk: { kind: transformer, width: 16, depth: 1, heads: 2 }
tasks: { shapes: }
training: { steps: 4, batch: 8, evaluateEvery: 2, evaluateExamples: 8 }
log: ${log}
`,
  );

const stepsIn = (run: string): number[] =>
  readFileSync(join(run, 'steps.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => Number.parseInt(row, 10));

describe('log in an experiment', () => {
  it('writes the run down where it says, without a server too', async () => {
    write("[csv, tensorboard, { kind: mlflow, url: 'http://127.0.0.1:9' }]");
    const out = join(folder, 'run');
    const { code, stderr } = await banyan(['train', experiment, '--out', out]);
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'steps.csv'), 'utf8').trimEnd().split('\n').length).toBe(5);
    expect(readFileSync(join(out, 'evaluations.csv'), 'utf8').split('\n')[0]).toContain('shapes.accuracy');
    const [file] = readdirSync(join(out, 'tensorboard'));
    const bytes = [...records(readFileSync(join(out, 'tensorboard', file!)))].map(({ data }) =>
      String.fromCharCode(...data),
    );
    for (const name of ['loss/shapes', 'training.batch', 'shapes/0/image'])
      expect(
        bytes.some((record) => record.includes(name)),
        name,
      ).toBe(true);
    expect(stderr).toContain('MLflow at http://127.0.0.1:9 cannot be reached');
    expect(stderr).toContain('numbers of the training were not sent to MLflow');
  });

  it('has each step once after a kill', async () => {
    write('[csv, tensorboard]');
    const out = join(folder, 'killed');
    const flags = ['--set', 'training.checkpoint.every=10', '--steps', '40', '--out', out, '--json'];
    const killed = await banyan(['train', experiment, ...flags], (stdout, child) => {
      if (/"kind":"step","step":(1[3-9]|[23]\d),/.test(stdout)) child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    expect(stepsIn(out).length).toBeGreaterThan(10);
    const { code } = await banyan(['resume', out]);
    expect(code).toBe(0);
    const each = Array.from({ length: 40 }, (_, i) => i + 1);
    expect(stepsIn(out)).toEqual(each);
    const files = readdirSync(join(out, 'tensorboard')).sort();
    expect(files.length).toBe(2);
    const told = files.flatMap((file) =>
      Array.from(records(readFileSync(join(out, 'tensorboard', file))), ({ data }) => String.fromCharCode(...data)),
    );
    expect(told.filter((record) => record.includes('loss/shapes')).length).toBe(40);
  });

  it('says what is wrong with it', async () => {
    write('[cvs, { kind: mlflow, url: nowhere }]');
    const { code, stderr } = await banyan(['train', experiment]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/log\[?\.?0\]? must be one of "csv", "mlflow", "tensorboard", .* Did you mean "csv"\?/);
    expect(stderr).toContain(
      'must be an address such as http://127.0.0.1:5000, without a password in it, received "nowhere"',
    );
  });
});
