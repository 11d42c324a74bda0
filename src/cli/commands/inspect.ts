import type { Command } from 'commander';

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('say what a run is made of and how far it is')
    .argument('<dir>', 'folder of the run')
    .option('--json', 'as JSON')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const { readRun } = await import('../run/folder.ts');
      const loaded = await readRun(dir);
      const [{ openSession }, { inspectRun, inspectionText }] = await Promise.all([
        import('../run/session.ts'),
        import('../run/inspect.ts'),
      ]);
      const inspection = await inspectRun(await openSession(loaded), dir);
      process.stdout.write(`${json ? JSON.stringify(inspection, null, 2) : inspectionText(inspection)}\n`);
    });
}
