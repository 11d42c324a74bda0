import type { Command } from 'commander';
import { clusterFromEnvironment } from '../../cluster/tf-config.ts';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { doneInChild } from '../process/supervise.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';
import { addWatchOptions, type WatchFlags, watchingOf } from './watching.ts';

interface ResumeFlags extends WatchFlags, Trust {
  readonly json?: boolean;
  readonly resize?: true;
}

export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('go on with an interrupted run, to the same bits as if it had not been')
    .argument('<dir>', 'folder of the run')
    .option('--json', 'events as JSON, one a line')
    .option(
      '--resize',
      'go on in another number of processes than before, with as many examples a step: not to the same bits',
    );
  addTrustOptions(addWatchOptions(command)).action(async (dir: string, flags: ResumeFlags) => {
    if (await doneInChild()) return;
    const { json = false, resize = false } = flags;
    const loaded = await readTrustedRun(dir, flags);
    const cluster = clusterFromEnvironment();
    if (cluster !== undefined && cluster.index > 0) {
      const [{ openSession }, { performFollowing }] = await Promise.all([
        import('../../study/run/session.ts'),
        import('../run/follow.ts'),
      ]);
      process.exitCode = await performFollowing(await openSession(loaded), cluster, { resize });
      return;
    }
    const { goOn } = await import('../run/go-on.ts');
    process.exitCode = await goOn(loaded, dir, { json, cluster, resize, ...watchingOf(flags) });
  });
}
