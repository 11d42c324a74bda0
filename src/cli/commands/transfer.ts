import type { Command } from 'commander';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';

interface TransferFlags extends SettingFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addTransfer(program: Command): void {
  const command = program
    .command('transfer')
    .description(
      'measure what trained tasks bring to new ones: columns, heads, fine-tuning, against training from scratch',
    )
    .argument('<experiment>', 'the file, with a section `transfer`')
    .option('--out <dir>', 'folder of the runs (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON');
  addSettingOptions(command).action(async (file: string, flags: TransferFlags) => {
    assertAlone('transfer');
    if (await doneInChild()) return;
    const { out, json = false } = flags;
    const { transferCommand } = await import('../studies/transfer.ts');
    const request = { ...(out === undefined ? {} : { out }), set: settingsOf(flags) };
    process.exitCode = await transferCommand(file, request, { json, setting: settingWords(flags) });
  });
}
