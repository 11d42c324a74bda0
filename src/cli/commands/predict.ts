import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { wholeNumber } from './parse.ts';
import { tableOption } from './table-option.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface PredictFlags extends Trust {
  readonly task?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly beam?: number;
  readonly table?: unknown;
}

export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description('predict for files, or for the rows of tables, with a run’s network')
    .argument('<dir>', 'folder of the run')
    .argument(
      '<file...>',
      'pictures, sounds, texts: what the task takes; NAME=FILE where it has several inputs; CSV, JSON Lines or Parquet, a row an example; - for the standard input',
    )
    .option('--task <name>', 'which task (default: all that can read the files)')
    .option('--out <file>', 'write to a file; its ending says how rows are written')
    .option('--json', 'as JSON, one line an example')
    .addOption(tableOption())
    .option('--beam <n>', 'texts that are followed at once, where one is written (default: 1)', wholeNumber());
  addTrustOptions(command).action(async (folder: string, files: string[], flags: PredictFlags) => {
    const { task, out, json = false, beam, table } = flags;
    const loaded = await readTrustedRun(folder, flags);
    const { predictCommand } = await import('../run/predict.ts');
    await predictCommand(loaded, {
      folder,
      files,
      json,
      ...(task === undefined ? {} : { task }),
      ...(out === undefined ? {} : { out }),
      ...(beam === undefined ? {} : { beam }),
      ...(table === undefined ? {} : { table }),
    });
  });
}
