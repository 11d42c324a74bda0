import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { doneInChild } from '../process/supervise.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';
import { addWatchOptions, type WatchFlags, watchingOf } from './watching.ts';

interface ResumeFlags extends WatchFlags, Trust {
  readonly json?: boolean;
}

export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('go on with an interrupted run, to the same bits as if it had not been')
    .argument('<dir>', 'folder of the run')
    .option('--json', 'events as JSON, one a line');
  addTrustOptions(addWatchOptions(command)).action(async (dir: string, flags: ResumeFlags) => {
    if (await doneInChild()) return;
    const { json = false } = flags;
    const { readResult } = await import('../../study/run/result.ts');
    const loaded = await readTrustedRun(dir, flags);
    const tellResult = async () => {
      const result = await readResult(dir);
      if (result === undefined) return false;
      const { metrics, steps } = result;
      const text = `The run in ${dir} is complete: ${steps} steps.`;
      process.stdout.write(`${json ? JSON.stringify({ kind: 'result', folder: dir, metrics }) : text}\n`);
      return true;
    };
    // A complete run is not written to any more: it may lie where this user cannot.
    if (await tellResult()) return;
    const [{ resumeRun }, { performRun }] = await Promise.all([
      import('../../study/run/start.ts'),
      import('../run/perform.ts'),
    ]);
    process.exitCode = await performRun(
      async (options) => {
        const ending = await resumeRun(loaded, dir, { ...options, ...watchingOf(flags) });
        if (ending === 'complete') await tellResult();
        return ending;
      },
      { json },
    );
  });
}
