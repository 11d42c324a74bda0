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
