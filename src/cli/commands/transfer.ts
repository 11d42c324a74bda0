import type { Command } from 'commander';
import { doneInChild } from '../process/supervise.ts';

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
      const { transferCommand } = await import('../studies/transfer.ts');
      process.exitCode = await transferCommand(file, out, json);
    });
}
