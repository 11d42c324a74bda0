import type { Command } from 'commander';

interface CompareFlags {
  readonly methods: string;
  readonly seeds: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('train an experiment by several methods of balancing and each task alone, and tell what differs')
    .argument('<experiment>', 'the file')
    .requiredOption('--methods <names>', 'separated by commas; the others are compared with the first: equal,pcgrad')
    .option('--seeds <n>', 'how many, from the seed of the experiment', '3')
    .option('--out <dir>', 'folder of the runs (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON')
    .action(async (file: string, { methods, seeds, out, json = false }: CompareFlags) => {
      const { loadExperiment } = await import('../experiment/load.ts');
      const loaded = await loadExperiment(file);
      const { compare } = await import('../compare/compare.ts');
      process.exitCode = await compare(loaded, {
        methods: methods.split(',').map((name) => name.trim()),
        seeds: Number(seeds),
        ...(out === undefined ? {} : { out }),
        json,
      });
    });
}
