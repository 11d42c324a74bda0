import { type Command, Option } from 'commander';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what does the arithmetic on this machine, and why')
    .addOption(new Option('--require <what>', 'fail unless this is there').choices(['tensorflow', 'gpu']))
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean; require?: string }) => {
      const { doctorCommand } = await import('../../runtime/index.ts');
      process.exitCode = await doctorCommand(options);
    });
}
