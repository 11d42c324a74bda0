import { type Command, Option } from 'commander';

export function addSetup(program: Command): void {
  program
    .command('setup')
    .description('download TensorFlow once, into the cache folder')
    .addOption(new Option('--gpu', 'with CUDA').conflicts('cpu'))
    .addOption(new Option('--cpu', 'without CUDA'))
    .action(async ({ gpu, cpu }: { gpu?: true; cpu?: true }) => {
      const { setup } = await import('../../runtime/index.ts');
      const { folder, made, seconds } = await setup(gpu ? { gpu: true } : cpu ? { gpu: false } : {});
      const took = Object.values(seconds).reduce((sum, part) => sum + part, 0);
      process.stdout.write(
        made ? `TensorFlow was set up in ${folder} in ${took.toFixed(0)} s.\n` : `TensorFlow is ready in ${folder}.\n`,
      );
    });
}
