import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { finiteNumber } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface DistilFlags extends Trust, SettingFlags {
  readonly temperature?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addDistil(program: Command): void {
  const command = program
    .command('distil')
    .description('train smaller networks on what a trained one makes of the examples, and tell what each size costs')
    .argument('<teacher>', 'folder of the run whose network teaches')
    .argument('<experiment...>', 'the file of each student, with tasks of the teacher')
    .option('--temperature <n>', 'divides scores of classes before they are compared (default: 2)', finiteNumber)
    .option(
      '--out <dir>',
      'folder of the students (default: the first free runs/<name>-<n>); goes on with what is there',
    )
    .option('--json', 'the result as JSON');
  addTrustOptions(addSettingOptions(command)).action(
    async (teacher: string, experiments: readonly string[], flags: DistilFlags) => {
      assertAlone('distil');
      if (await doneInChild()) return;
      const { temperature, out, json = false, plugins } = flags;
      // A person is asked here, where one has to be.
      await readTrustedRun(teacher, flags);
      const [{ distil }, { smallerCommand }] = await Promise.all([
        import('../../study/smaller/distil.ts'),
        import('../studies/smaller.ts'),
      ]);
      const request = {
        ...(temperature === undefined ? {} : { temperature }),
        ...(out === undefined ? {} : { out }),
        set: settingsOf(flags),
        trust: { plugins, trust: true as const },
      };
      const heat = temperature === undefined ? '' : ` --temperature ${temperature}`;
      const words = `distil ${teacher} ${experiments.join(' ')}${heat}${settingWords(flags)}`;
      process.exitCode = await smallerCommand((signal) => distil(teacher, experiments, { ...request, signal }), {
        json,
        words,
      });
    },
  );
}
