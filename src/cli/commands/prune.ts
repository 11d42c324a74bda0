import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { shares } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface PruneFlags extends Trust, SettingFlags {
  readonly keep?: readonly number[];
  readonly out?: string;
  readonly json?: boolean;
}

export function addPrune(program: Command): void {
  const command = program
    .command('prune')
    .description("take heads and channels out of a run's network, train it on, and tell what each size costs its tasks")
    .argument('<dir>', 'folder of the run')
    .option('--keep <parts>', 'of heads and channels, separated by commas (default: 0.75,0.5,0.25)', shares)
    .option(
      '--out <dir>',
      'folder of the smaller networks (default: the first free runs/<name>-<n>); goes on with what is there',
    )
    .option('--json', 'the result as JSON');
  addTrustOptions(addSettingOptions(command)).action(async (dir: string, flags: PruneFlags) => {
    assertAlone('prune');
    if (await doneInChild()) return;
    const { keep, out, json = false, plugins } = flags;
    // A person is asked here, where one has to be.
    await readTrustedRun(dir, flags);
    const [{ prune }, { smallerCommand }] = await Promise.all([
      import('../../study/smaller/prune.ts'),
      import('../studies/smaller.ts'),
    ]);
    const request = {
      ...(keep === undefined ? {} : { keep }),
      ...(out === undefined ? {} : { out }),
      set: settingsOf(flags),
      trust: { plugins, trust: true as const },
    };
    const words = `prune ${dir}${keep === undefined ? '' : ` --keep ${keep.join(',')}`}${settingWords(flags)}`;
    process.exitCode = await smallerCommand((signal) => prune(dir, { ...request, signal }), { json, words });
  });
}
