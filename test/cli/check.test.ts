import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();

function experiment(name: string, tasks: string, plugins = ''): string {
  const file = join(folder, `${name}.yaml`);
  const trunk = 'trunk: { kind: transformer, width: 16, depth: 1, heads: 2 }';
  writeFileSync(file, `${trunk}\ntasks: { ${tasks} }\nplugins: [${plugins}]\ntraining: { steps: 5, batch: 8 }\n`);
  return file;
}

describe('banyan train --check', () => {
  it('finds nothing wrong with the generated tasks', async () => {
    const { code, stdout } = await banyan(['train', experiment('good', 'shapes: , notes: , sentences: '), '--check']);
    expect(stdout).not.toContain('FAIL');
    expect(code).toBe(0);
    for (const name of ['shapes', 'notes', 'sentences']) {
      expect(stdout).toMatch(new RegExp(`^ok +${name} +first loss \\d\\.\\d{3}, expected 1\\.\\d{3} ± 0\\.5`, 'm'));
      expect(stdout).toMatch(new RegExp(`^ok +${name} +predicts the same, to the bit, after save and load$`, 'm'));
      expect(stdout).toMatch(new RegExp(`^ok +${name} +learns 10 examples by heart: accuracy 1\\.000`, 'm'));
    }
    expect(stdout).toMatch(/^ok +cost +.* a step of 8 examples a task; the process holds \d+ MiB at most$/m);
  });

  it('finds nothing wrong with a game beside pictures, each with a batch of its own', async () => {
    const file = experiment('game', 'catch: , shapes: ');
    writeFileSync(file, readFileSync(file, 'utf8').replace('batch: 8', 'batch: { catch: 16, shapes: 8 }'));
    const { code, stdout } = await banyan(['train', file, '--check']);
    expect(stdout).not.toContain('FAIL');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok +catch +evaluates: return -?\d\.\d{3}, length 7\.000, entropy 1\.09[89], standard-error \d\.\d{3}, loss –$/m,
    );
    expect(stdout).toMatch(/^ok +cost +.* a step of catch 16, shapes 8 examples; the process holds/m);
  });

  it('says which task cannot learn', async () => {
    const plugin = join(root, 'test/cli/fixtures/broken.ts');
    const file = experiment('broken', 'deaf: , sentences: ', plugin);
    const { code, stdout } = await banyan(['train', file, '--check', '--json']);
    const findings = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { ok: boolean; about: string; text: string });
    const failed = findings.filter(({ ok }) => !ok).map(({ about, text }) => `${about}: ${text}`);
    expect(failed).toEqual([
      'backward: no weight of stem/deaf moved in 4 steps: no gradient arrives there',
      expect.stringMatching(
        /^deaf: cannot learn 10 examples by heart: accuracy 0\.\d+, loss .* after 300 steps; look at its stem, head and labels$/,
      ),
    ]);
    expect(code).toBe(1);
  });

  it('says which task has no label at all, and balances as the training will', async () => {
    const file = experiment('mute', 'mute: , sentences: ', join(root, 'test/cli/fixtures/unlabelled.ts'));
    const balanced = join(folder, 'balanced.yaml');
    const balance = 'balance: { method: upgrad, options: { prefVector: { sentences: 1 } } }';
    writeFileSync(balanced, readFileSync(file, 'utf8').replace('batch: 8', `batch: 8, ${balance}`));
    const [mute, wrong] = await banyanEach(['train', file, '--check'], ['train', balanced, '--check']);
    expect(mute!.stdout).toMatch(
      /^FAIL +mute +none of its 80 training examples has a label: nothing can be learned; look at/m,
    );
    expect(mute!.stdout).toMatch(/^ok +sentences +first loss/m);
    expect(mute!.code).toBe(1);
    expect(wrong!.code).toBe(1);
    expect(wrong!.stderr).toContain(
      'upgrad: prefVector must have a number for each task, received none for "mute". Give one for each of mute, sentences.',
    );
  });
});
