import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from '../../src/cli/commands/setting.ts';
import { root, temporaryFolder } from '../repository.ts';
import { banyanEach } from './command.ts';

const folder = temporaryFolder();

function flagsOf(...args: string[]): SettingFlags {
  const command = addSettingOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: 'user' }).opts();
}

describe('--set', () => {
  it('takes YAML, in the order of the words, and short forms after it', () => {
    const flags = flagsOf(
      '--set',
      'training.steps=3',
      '--batch',
      '2',
      '--set',
      'a.b={ c: [1, x], d: 1e-3 }',
      '--set=n=',
    );
    expect(settingsOf(flags)).toEqual({
      'training.steps': 3,
      'a.b': { c: [1, 'x'], d: 0.001 },
      n: null,
      'training.batch': 2,
    });
    expect(settingsOf(flagsOf('--set', 'seed=1', '--seed', '0', '--steps', '7'))).toEqual({
      seed: 0,
      'training.steps': 7,
    });
    expect(settingsOf(flagsOf())).toEqual({});
  });

  it('is said again as a shell takes it', () => {
    expect(settingWords(flagsOf('--set', "name=it's", '--set', 'training.clip=.5', '--steps', '3'))).toBe(
      String.raw` --set 'name=it'\''s' --set training.clip=.5 --steps 3`,
    );
    expect(settingWords(flagsOf())).toBe('');
  });

  it.each([
    [['--set', 'steps'], 'Expected key=value, such as training.steps=100.'],
    [['--set', '=3'], 'Expected key=value, such as training.steps=100.'],
    [['--set', 'a..b=3'], 'Expected key=value, such as training.steps=100.'],
    [['--set', 'a={'], 'The value of a is no YAML: '],
    [['--set', 'a={b: 1, b: 2}'], 'The value of a is no YAML: Map keys must be unique'],
    [['--steps', '0'], 'Expected a whole number >= 1.'],
    [['--seed', ''], 'Expected a whole number >= 0.'],
  ])('refuses %s', (args, message) => {
    expect(() => flagsOf(...args)).toThrow(message);
  });

  it('holds in the folder of the run, of a column beside it, and of a comparison', async () => {
    const file = join(folder, 'points.yaml');
    const plugin = join(root, 'test/cli/fixtures/points.ts');
    writeFileSync(
      file,
      `trunk: { kind: dense, width: 8, depth: 2 }\nplugins: [${plugin}]\ntasks: { above: }\ntraining: { epochs: 2, batch: 8 }\n`,
    );
    const saved = (run: string) => JSON.parse(readFileSync(join(run, 'experiment.json'), 'utf8'));
    const [first, second, third] = [join(folder, 'first'), join(folder, 'second'), join(folder, 'third')];
    const set = ['--set', 'trunk.width=4', '--steps', '2', '--seed', '9', '--batch', '4'];
    const grow = ['--set', 'training.clip=0.5', '--steps', '1'];
    const [trained, resumed, grown, wrong, without] = await banyanEach(
      ['train', file, ...set, '--out', first],
      ['resume', first],
      ['add-column', first, '--tasks', 'right', ...grow, '--out', second],
      ['compare', file, '--set', 'training.stepz=2', '--out', third],
      ['train', file, '--set', 'steps'],
    );
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    expect(saved(first)).toMatchObject({ seed: 9, trunk: { width: 4 }, training: { steps: 2, batch: 4 } });
    expect(saved(first).training).not.toHaveProperty('epochs');
    expect(resumed!.stdout).toBe(`The run in ${first} is complete: 2 steps.\n`);

    expect(grown).toMatchObject({ code: 0, stderr: '' });
    expect(saved(second)).toMatchObject({ seed: 9, training: { steps: 1, batch: 4, clip: 0.5 } });

    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong!.stderr).toContain(`error: ${file}, --set training.stepz: training.stepz is no key of an experiment.`);
    expect(without).toMatchObject({ code: 2, stdout: '' });
  });
});
