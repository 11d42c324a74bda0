import type { Command } from 'commander';
import { doneInChild } from '../../study/process/supervise.ts';

export function addTransfer(program: Command): void {
  program
    .command('transfer')
    .description(
      'measure what trained tasks bring to new ones: columns, heads, fine-tuning, against training from scratch',
    )
    .argument('<experiment>', 'the file, with a section `transfer`')
    .option('--out <dir>', 'folder of the runs (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON')
    .action(async (file: string, { out, json = false }: { out?: string; json?: boolean }) => {
      if (await doneInChild()) return;
      const { loadExperiment } = await import('../../experiment/load.ts');
      const loaded = await loadExperiment(file);
      const { transfer } = await import('../../study/transfer/transfer.ts');
      process.exitCode = await transfer(loaded, out, json);
    });
}
