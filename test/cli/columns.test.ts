import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'first.yaml');
writeFileSync(
  experiment,
  `
seed: 3
trunk: { kind: transformer, width: 16, depth: 2, heads: 2, dropout: 0.1 }
tasks: { shapes: }
training: { steps: 12, batch: 8, checkpoint: { every: 4 } }
`,
);
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const metricsOf = (run: string) => json(join(run, 'result.json')).metrics;
const weightsOf = (run: string) => readFileSync(join(run, 'network/weights.safetensors'));

let first: Promise<string> | undefined;
const firstRun = () =>
  (first ??= (async () => {
    const run = join(folder, 'first');
    expect(await banyan(['train', experiment, '--out', run])).toMatchObject({ code: 0, stderr: '' });
    return run;
  })());

describe('banyan add-column', () => {
  it('trains new tasks beside a run, which stays as it is; interrupted and resumed it ends with the same bits', async () => {
    const run = await firstRun();
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
    const grow = (out: string) => ['add-column', run, '--tasks', 'notes,sentences', '--out', out];
    const { code, stdout, stderr } = await banyan(grow(whole));
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^training notes, sentences: 12 steps$/m);
    expect(stdout).toContain(`What its tasks listen to: ${join(whole, 'columns.html')}`);
    expect(readFileSync(join(whole, 'columns.html'), 'utf8')).toContain('average Fisher sensitivity');
    expect(metricsOf(whole).shapes).toEqual(metricsOf(run).shapes);
    expect(Object.keys(metricsOf(whole))).toEqual(['shapes', 'notes', 'sentences']);

    let sent = false;
    const interrupted = await banyan(grow(cut), (seen, child) => {
      if (sent || !seen.includes('step  1/12')) return;
      sent = child.kill('SIGINT');
    });
    // However far it came, moved to another place it goes on to the same end.
    expect([0, 130]).toContain(interrupted.code);
    const moved = join(folder, 'moved');
    renameSync(cut, moved);
    expect(await banyan(['resume', moved])).toMatchObject({ code: 0, stderr: '' });
    expect(weightsOf(moved).equals(weightsOf(whole))).toBe(true);

    const [inspected, evaluated] = await banyanEach(['inspect', whole, '--json'], ['evaluate', whole, '--json']);
    expect(JSON.parse(inspected!.stdout).network.columns).toMatchObject([
      { tasks: ['shapes'], frozen: true },
      { tasks: ['notes', 'sentences'], frozen: false, laterals: 'nonlinear' },
    ]);
    expect(JSON.parse(evaluated!.stdout).metrics).toEqual(metricsOf(whole));
  });

  it('takes a plugin, goes on growing, and names task and plugin where one is missing later', async () => {
    const plugins = join(folder, 'plugins');
    mkdirSync(plugins);
    // Beside the repository's packages, where a stranger's would be installed.
    const plugin = join(root, 'test/cli/fixtures', `larger-${process.pid}.ts`);
    copyFileSync(join(root, 'test/cli/fixtures/plugin.ts'), plugin);
    const [second, third] = [join(folder, 'second'), join(folder, 'third')];
    try {
      const more = ['--steps', '3', '--plugin', plugin, '--laterals', 'linear'];
      const [grown, again] = await banyanEach(
        ['add-column', await firstRun(), '--tasks', 'larger', '--out', second, ...more],
        ['add-column', second, '--tasks', 'notes', '--out', third],
      );
      expect(grown).toMatchObject({ code: 0, stderr: '' });
      expect(again).toMatchObject({ code: 0 });
      expect(metricsOf(third).shapes).toEqual(metricsOf(await firstRun()).shapes);
      expect(metricsOf(third).larger).toEqual(metricsOf(second).larger);
    } finally {
      rmSync(plugin);
    }
    const { code, stderr } = await banyan(['evaluate', third]);
    expect(code).toBe(1);
    expect(stderr).toContain(plugin);
    expect(stderr).toContain('It brings the task "larger" of this network.');
  });

  it('refuses a task that nobody brings, one that is there, and a folder that holds a run', async () => {
    const run = await firstRun();
    const [nothing, twice, taken, stem, none, empty] = await banyanEach(
      ['add-column', run, '--tasks', 'nothing'],
      ['add-column', run, '--tasks', 'shapes'],
      ['add-column', run, '--tasks', 'notes', '--out', run],
      ['add-column', run, '--tasks', 'notes', '--stem', 'nobody'],
      ['add-column', run],
      ['add-column', folder, '--tasks', 'notes'],
    );
    expect(nothing!.stderr).toContain('--tasks: there is no task "nothing". Expected one of:');
    expect(twice!.stderr).toContain('Two tasks are named "shapes"');
    expect(taken!.stderr).toContain('already holds a run');
    expect(stem!.stderr).toContain('there is no task "nobody"');
    expect(none).toMatchObject({ code: 2 });
    expect(empty!.stderr).toContain('holds no run');
  });
});

describe('an experiment with a base', () => {
  it('is a column beside it', async () => {
    const training = 'tasks: { sentences: }\ntraining: { steps: 3, batch: 8 }\n';
    const fileOf = (name: string, text: string) => {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, `${text}\n${training}`);
      return file;
    };
    await firstRun();
    const stem = fileOf('stem', 'base: ./first\nlaterals: { kind: nonlinear, stem: shapes }');
    const column = fileOf('column', 'base: ./first\ntrunk: { kind: dense, width: 8, depth: 2 }');
    const [wrong, right, nowhere, none] = await banyanEach(
      ['train', stem, '--out', join(folder, 'wrong')],
      ['train', column, '--out', join(folder, 'column')],
      ['train', fileOf('nowhere', 'base: ./nowhere')],
      ['train', fileOf('none', 'laterals: none')],
    );
    expect(wrong!.stderr).toContain('laterals.stem: no new stem can go through the stem of task "shapes"');
    expect(right).toMatchObject({ code: 0, stderr: '' });
    expect(nowhere!.stderr).toContain('nowhere.yaml, line 1:');
    expect(none!.stderr).toContain('trunk must be a section with kind, width, depth, received nothing.');
    expect(none!.stderr).toContain('laterals must be left out where there is no base, received "none".');
  });
});
