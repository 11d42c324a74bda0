import type { Command } from 'commander';
import { addWatchOptions, type WatchFlags, watchingOf } from './watching.ts';

export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('go on with an interrupted run, to the same bits as if it had not been')
    .argument('<dir>', 'folder of the run')
    .option('--json', 'events as JSON, one a line');
  addWatchOptions(command).action(async (dir: string, flags: WatchFlags & { json?: boolean }) => {
    const { json = false } = flags;
    const { readResult, readRun } = await import('../run/folder.ts');
    const loaded = await readRun(dir);
    const result = await readResult(dir);
    if (result !== undefined) {
      const { metrics, steps } = result;
      const text = `The run in ${dir} is complete: ${steps} steps.`;
      process.stdout.write(`${json ? JSON.stringify({ kind: 'result', folder: dir, metrics }) : text}\n`);
      return;
    }
    const [{ openSession }, { trainSession }] = await Promise.all([
      import('../run/session.ts'),
      import('../run/training.ts'),
    ]);
    process.exitCode = await trainSession(await openSession(loaded), dir, { json, ...watchingOf(flags) });
  });
}
