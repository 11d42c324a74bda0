import { type Command, Option } from 'commander';

export function addSetup(program: Command): void {
  program
    .command('setup')
    .description('download TensorFlow once, into the cache folder')
    .addOption(new Option('--gpu', 'with CUDA').conflicts('cpu'))
    .addOption(new Option('--cpu', 'without CUDA'))
    .action(async ({ gpu, cpu }: { gpu?: true; cpu?: true }) => {
      const { setupCommand } = await import('../../runtime/index.ts');
      process.exitCode = await setupCommand(gpu ? { gpu: true } : cpu ? { gpu: false } : {});
    });
}
