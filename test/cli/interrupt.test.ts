// A signal while a command evaluates. (While it trains: run.test.ts.)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'signalled.yaml');
writeFileSync(
  experiment,
  `
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { signalled: }
plugins: [${join(root, 'test/cli/fixtures/signalled.ts')}]
training: { steps: 6, batch: 8, evaluateEvery: 3, checkpoint: { every: 1000 } }
`,
);
/** Of an evaluation: 2,400 examples. */
const READS = 19;

afterEach(() => {
  delete process.env.SIGNALLED_AT;
});

describe('a signal', () => {
  it.each([
    ['the first evaluation', 2, 3],
    ['that after the last step', READS + 2, 6],
  ])('in %s ends it, and a resumed run ends with the same bytes', async (_, at, step) => {
    const [whole, run] = [join(folder, `whole-${at}`), join(folder, `cut-${at}`)];
    expect((await banyan(['train', experiment, '--out', whole])).code).toBe(0);
    process.env.SIGNALLED_AT = String(at);
    const cut = await banyan(['train', experiment, '--out', run]);
    expect(cut.stderr).toBe('');
    expect(cut.code).toBe(130);
    expect(cut.stdout).toContain(`Interrupted after step ${step}. Go on with: banyan resume ${run}`);
    expect(existsSync(join(run, 'result.json'))).toBe(false);
    delete process.env.SIGNALLED_AT;
    expect((await banyan(['resume', run])).code).toBe(0);
    for (const file of ['network/weights.safetensors', 'result.json'])
      expect(readFileSync(join(run, file)).equals(readFileSync(join(whole, file)))).toBe(true);
    const evaluated = (place: string) =>
      readFileSync(join(place, 'events.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"kind":"evaluation"'))
        .map((line) => (JSON.parse(line) as { metrics: object }).metrics);
    expect(evaluated(run)).toEqual(evaluated(whole));
  });

  it('in the evaluation at the end of a run, or of `banyan evaluate`, ends the process at once', async () => {
    const run = join(folder, 'end');
    process.env.SIGNALLED_AT = String(2 * READS + 2);
    expect((await banyan(['train', experiment, '--out', run])).code).toBe(130);
    delete process.env.SIGNALLED_AT;
    expect((await banyan(['resume', run])).code).toBe(0);
    process.env.SIGNALLED_AT = '2';
    expect((await banyan(['evaluate', run, '--split', 'validation'])).code).toBe(null);
  });
});
