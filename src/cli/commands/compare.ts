import { type Command, Option } from 'commander';
import { assertAlone } from '../process/alone.ts';
import { names, wholeNumber } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';

interface CompareFlags extends SettingFlags {
  readonly methods: readonly string[];
  readonly sharing?: readonly string[];
  readonly seeds: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'train an experiment by several methods of balancing or kinds of sharing, and each task alone, and tell what differs',
    )
    .argument('<experiment>', 'the file')
    .addOption(
      new Option(
        '--methods <names>',
        'of training.balance, separated by commas; the others are compared with the first',
      )
        .argParser(names)
        .default(['equal'], 'equal'),
    )
    .option(
      '--sharing <kinds>',
      'of trunk.sharing, separated by commas, or hard: as it is, the same for all (default: as the experiment says)',
      names,
    )
    .option('--seeds <n>', 'how many, from the seed of the experiment', wholeNumber(), 3)
    .option('--out <dir>', 'folder of the runs (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON');
  addSettingOptions(command).action(async (file: string, flags: CompareFlags) => {
    assertAlone('compare');
    const { methods, sharing, seeds, out, json = false } = flags;
    const { compareCommand } = await import('../studies/compare.ts');
    const request = {
      methods,
      ...(sharing === undefined ? {} : { sharing }),
      seeds,
      ...(out === undefined ? {} : { out }),
      set: settingsOf(flags),
    };
    process.exitCode = await compareCommand(file, request, { json, setting: settingWords(flags) });
  });
}
