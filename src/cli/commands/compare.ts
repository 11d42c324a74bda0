import type { Command } from 'commander';

interface CompareFlags {
  readonly methods: string;
  readonly sharing?: string;
  readonly seeds: string;
  readonly out?: string;
  readonly json?: boolean;
}

const names = (list: string) => list.split(',').map((name) => name.trim());

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description(
      'train an experiment by several methods of balancing or kinds of sharing, and each task alone, and tell what differs',
    )
    .argument('<experiment>', 'the file')
    .option('--methods <names>', 'of balancing, separated by commas; the others are compared with the first', 'equal')
    .option('--sharing <kinds>', 'how tasks share the trunk: hard,mmoe,mtan (default: as the experiment says)')
    .option('--seeds <n>', 'how many, from the seed of the experiment', '3')
    .option('--out <dir>', 'folder of the runs (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON')
    .action(async (file: string, { methods, sharing, seeds, out, json = false }: CompareFlags) => {
      const { compareCommand } = await import('../studies/compare.ts');
      const request = {
        methods: names(methods),
        ...(sharing === undefined ? {} : { sharing: names(sharing) }),
        seeds: Number(seeds),
        ...(out === undefined ? {} : { out }),
      };
      process.exitCode = await compareCommand(file, request, json);
    });
}
