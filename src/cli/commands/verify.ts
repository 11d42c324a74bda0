import type { Command } from 'commander';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('read everything that was saved in a folder, and say what is damaged; nothing in it is run')
    .argument('<dir>', 'folder of a run, of many runs, or of a saved network')
    .option('--json', 'as JSON, one finding a line')
    .action(async (dir: string, { json = false }: { json?: boolean }) => {
      const [{ verifyFolder, verifyTensorflow }, { printFindings }] = await Promise.all([
        import('../../study/verify/verify.ts'),
        import('../print/findings.ts'),
      ]);
      process.exitCode = await printFindings([verifyFolder(dir), verifyTensorflow()], json);
    });
}
