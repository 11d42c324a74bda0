import { type Command, Option } from 'commander';
import { SPLITS, type Split } from '../../task/source.ts';

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description("measure a run's network on held-out examples")
    .argument('<dir>', 'folder of the run')
    .addOption(new Option('--split <split>', 'which examples (default: test where there is one)').choices(SPLITS))
    .option('--json', 'as JSON')
    .action(async (dir: string, { split, json }: { split?: Split; json?: boolean }) => {
      const { readRun } = await import('../run/folder.ts');
      const loaded = await readRun(dir);
      const [{ openSession, restoreNetwork }, { evaluate }, { measuredSplit }, { metricsTable }] = await Promise.all([
        import('../run/session.ts'),
        import('../../evaluate/index.ts'),
        import('../../network/index.ts'),
        import('../../report/index.ts'),
      ]);
      const { network } = await restoreNetwork(await openSession(loaded), dir);
      const metrics = await evaluate(network, split === undefined ? {} : { split });
      const splits = Object.fromEntries(
        network.tasks.map(({ name, source }) => [name, split ?? measuredSplit(source)]),
      );
      network.dispose();
      process.stdout.write(`${json ? JSON.stringify(metrics) : metricsTable(metrics, splits)}\n`);
    });
}
