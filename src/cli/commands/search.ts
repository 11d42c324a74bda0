import { type Command, Option } from 'commander';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { wholeNumber } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';

interface SearchFlags extends SettingFlags {
  readonly trials?: number;
  readonly out?: string;
  readonly store?: string;
  readonly report?: true;
  readonly json?: boolean;
}

export function addSearch(program: Command): void {
  const command = program
    .command('search')
    .description('search better settings of an experiment by Optuna, on the validation split alone')
    .argument('<experiment>', 'the file, with a section `search`')
    .option('--trials <n>', 'short for --set search.trials=<n>', wholeNumber())
    .option(
      '--out <dir>',
      'folder of the search (default: the first free runs/<name>-<n>); goes on with what is there, beside others that search in it',
    )
    .option(
      '--store <url>',
      'address of a database in which many machines search together (default: a file in the folder)',
    )
    .addOption(new Option('--report', 'only write the page about what the search in --out has found by now'))
    .option('--json', 'the result as JSON');
  addSettingOptions(command).action(async (file: string, flags: SearchFlags) => {
    assertAlone('search');
    if (await doneInChild()) return;
    const { trials, out, store, report = false, json = false } = flags;
    const { searchCommand } = await import('../studies/search.ts');
    const request = {
      ...(out === undefined ? {} : { out }),
      ...(store === undefined ? {} : { store }),
      set: { ...settingsOf(flags), ...(trials === undefined ? {} : { 'search.trials': trials }) },
    };
    const words = `${settingWords(flags)}${trials === undefined ? '' : ` --trials ${trials}`}`;
    process.exitCode = await searchCommand(file, request, { json, report, setting: words });
  });
}
