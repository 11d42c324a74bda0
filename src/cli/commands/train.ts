import { type Command, Option } from 'commander';
import { clusterFromEnvironment } from '../../cluster/tf-config.ts';
import { BanyanError } from '../../error.ts';
import { hasParent } from '../../study/process/parent.ts';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { withProgress } from '../progress.ts';
import { wholeNumber } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf } from './setting.ts';
import { addWatchOptions, type WatchFlags, watchingOf } from './watching.ts';

interface TrainFlags extends WatchFlags, SettingFlags {
  readonly out?: string;
  readonly check?: true;
  readonly json?: boolean;
  readonly profile?: boolean;
  readonly findRate?: true | number;
  readonly report?: true;
  readonly workers?: number;
  readonly resize?: true;
  readonly network?: true;
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train what an experiment file says (YAML, JSON or TypeScript)')
    .argument('<experiment>', 'the file')
    .option('--out <dir>', 'folder of the run (default: the first free runs/<name>-<n>)')
    .option('--check', 'only try whether everything works: one step, save, load, overfit ten examples')
    .addOption(
      new Option(
        '--find-rate [steps]',
        'only try which learning rate is good: over so many steps (default: 100), with a page that shows it',
      )
        .argParser(wholeNumber(2))
        .conflicts(['check', 'profile', 'report', 'watch']),
    )
    .option(
      '--workers <n>',
      'train in so many processes of this machine, each with its share of every batch',
      wholeNumber(),
    )
    .option('--network', 'with --workers: let them use the network of this machine, as sources that read from it must')
    .option('--resize', 'with workers: go on in another number of them than before, with as many examples a step')
    .option('--json', 'events as JSON, one a line')
    .option('--profile', 'write what the tenth step spends its time on, for the viewers of Chrome and Perfetto')
    .option(
      '--report',
      'watch the gradients of the tasks, and end with report.html: curves, and which tasks pull apart where',
    );
  addWatchOptions(addSettingOptions(command)).action(async (file: string, flags: TrainFlags) => {
    const { workers = 1 } = flags;
    if (workers > 1 && !hasParent()) {
      const { trainInWorkers } = await import('../process/workers.ts');
      process.exitCode = await trainInWorkers(file, workers, flags);
      return;
    }
    if (await doneInChild()) return;
    const { out, check, json = false, profile = false, report, findRate, resize = false } = flags;
    const [{ loadExperiment }, folders] = await Promise.all([
      import('../../experiment/load.ts'),
      import('../../study/run/folder.ts'),
    ]);
    const loaded = await loadExperiment(file, { ...settingsOf(flags), ...(report ? { report } : {}) });
    const cluster = clusterFromEnvironment();
    if (resize && cluster === undefined)
      throw new BanyanError(
        'argument',
        '--resize goes on with a run in several processes, expected --workers or TF_CONFIG. In one process, go on with `banyan resume DIR --resize`.',
      );
    if (cluster !== undefined && (check || findRate)) assertAlone(check ? 'train --check' : 'train --find-rate');
    const isChief = cluster === undefined || cluster.index === 0;
    const { runToGoOnWith } = await import('../../study/run/chief.ts');
    const begun = cluster && isChief ? await runToGoOnWith(out, loaded) : undefined;
    if (out !== undefined && !check && !findRate && isChief && begun === undefined) await folders.assertNoRun(out);
    const { openSession } = await import('../../study/run/session.ts');
    if (begun !== undefined) {
      const { goOn } = await import('../run/go-on.ts');
      process.exitCode = await goOn(begun, out!, { json, cluster, resize, ...watchingOf(flags) });
      return;
    }
    const session = await withProgress('reading data', () => openSession(loaded));
    if (cluster !== undefined && !isChief) {
      const { performFollowing } = await import('../run/follow.ts');
      process.exitCode = await performFollowing(session, cluster, { resize });
      return;
    }
    if (!json && Object.keys(session.fields).length > 0) {
      const { fieldsTable } = await import('../print/fields.ts');
      process.stdout.write(`${fieldsTable(session.fields)}\n\n`);
    }
    if (check) {
      const [{ checkSession }, { printFindings }] = await Promise.all([
        import('../../study/check/check.ts'),
        import('../print/findings.ts'),
      ]);
      const widest = Math.max('backward'.length, ...session.tasks.map(({ name }) => name.length));
      process.exitCode = await printFindings([checkSession(session)], json, widest);
      return;
    }
    if (findRate !== undefined) {
      const [{ findSessionRate }, { rateResult }] = await Promise.all([
        import('../../study/run/find-rate.ts'),
        import('../print/rates.ts'),
      ]);
      const steps = findRate === true ? undefined : findRate;
      const found = await withProgress('trying learning rates', () => findSessionRate(session, out, steps));
      process.stdout.write(`${rateResult(found, json)}\n`);
      return;
    }
    const [{ startRun }, { performRun }] = await Promise.all([
      import('../../study/run/start.ts'),
      import('../run/perform.ts'),
    ]);
    process.exitCode = await performRun(
      (options) => startRun(session, out, { ...options, profile, ...watchingOf(flags), ...(cluster && { cluster }) }),
      { json, profile },
    );
  });
}
