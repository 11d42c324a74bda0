import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namedKinds } from '../../src/experiment/named-kinds.ts';
import { experimentSchema } from '../../src/experiment/schema.ts';
import { explanationKinds } from '../../src/explain/index.ts';
import { temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();

describe('banyan', () => {
  it('helps', async () => {
    const { code, stdout } = await banyan(['--help']);
    expect(code).toBe(0);
    for (const name of ['doctor', 'setup', 'tasks', 'schema', 'train', 'resume', 'evaluate', 'predict', 'inspect']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  it('lists the kinds that an experiment can name, for who asks for help alone', async () => {
    const [train, compare, usage] = await banyanEach(['train', '--help'], ['help', 'compare'], ['train']);
    for (const { stdout } of [train!, compare!]) {
      const [, list = ''] = stdout.split('Kinds to name in the experiment');
      for (const { kinds } of namedKinds(experimentSchema())) {
        for (const { kind } of kinds) expect(list.split(/[\s,]+/)).toContain(kind);
      }
    }
    expect(usage!.stderr).not.toContain('Kinds to name');
  });

  it('lists the methods that explain has, with their options', async () => {
    const [help] = await banyanEach(['explain', '--help']);
    const [, list = ''] = help!.stdout.split('Methods, beside those of plugins');
    for (const { kind } of explanationKinds.kinds()) expect(list).toMatch(new RegExp(`^ {2}${kind} `, 'm'));
    expect(list.replaceAll(/\s+/g, ' ')).toContain('Options: window, stride.');
  });

  it.each([
    { args: [], says: 'Usage: banyan' },
    { args: ['trian'], says: "error: unknown command 'trian'\n(Did you mean train?)" },
    { args: ['train'], says: "error: missing required argument 'experiment'" },
    { args: ['train', 'x.yaml', '--output', 'y'], says: "error: unknown option '--output'" },
    { args: ['train', 'x.yaml', '--watch', '--port', '99999'], says: 'Expected a whole number from 0 to 65535.' },
    { args: ['predict', 'dir'], says: "error: missing required argument 'file'" },
    { args: ['evaluate', 'dir', '--split', 'all'], says: 'Allowed choices are training, validation, test.' },
    { args: ['setup', '--gpu', '--cpu'], says: "error: option '--gpu' cannot be used with option '--cpu'" },
  ])('wrong usage ends with 2: $args', async ({ args, says }) => {
    const { code, stdout, stderr } = await banyan(args);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('a failure is a sentence without a stack, and ends with 1', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(
      file,
      'trunk: { kind: dense, width: 4, depth: 1 }\ntasks: { shapes: }\ntraining: { steps: 1, bach: 1, batch: 1 }\n',
    );
    const [wrong, missing] = await banyanEach(['train', file], ['resume', folder]);
    expect(wrong!.code).toBe(1);
    expect(wrong!.stderr).toBe(
      `error: ${file}, line 3: training.bach is no key of an experiment. Expected one of: steps, epochs, seed, evaluateEvery, evaluateExamples, stop, best, parameters, compareGradientsEvery, checkpoint, sourceTimeout, threads, batch, accumulate, optimizer, schedule, average, clip, compile, precision, exchange, synchronizeEvery, sampler, balance. Did you mean "batch"?\n`,
    );
    expect(missing).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${folder} holds no run: expected a folder with experiment.json, made by \`banyan train\`. Check the path.\n`,
    });
  });

  it('doctor --json', async () => {
    const { code, stdout } = await banyan(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, device: expect.stringMatching(/.+/) });
  });

  it('schema, with a plugin’s kinds', async () => {
    const { code, stdout } = await banyan(['schema', '--plugin', './test/experiment/stranger/index.ts']);
    expect(code).toBe(0);
    const { properties, $defs } = JSON.parse(stdout);
    expect(Object.keys(properties)).toContain('trunk');
    expect($defs.trunk.anyOf[0].enum).toEqual(expect.arrayContaining(['transformer', 'gated']));
  });

  it('tasks, with a plugin’s', async () => {
    const [listed, table] = await banyanEach(
      ['tasks', '--json', '--plugin', './test/cli/fixtures/plugin.ts'],
      ['tasks'],
    );
    expect(listed!.code).toBe(0);
    const rows = JSON.parse(listed!.stdout) as { name: string; modality?: string; training?: number }[];
    expect(rows.find(({ name }) => name === 'shapes')).toMatchObject({ modality: 'vision', training: 4000 });
    expect(rows.find(({ name }) => name === 'larger')).toMatchObject({ training: 160 });
    expect(table!.stdout).toMatch(/^sentences +text +4\u00a0000 +500 +1\u00a0000/m);
  });
});
