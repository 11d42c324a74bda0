import { type Command, Option } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { SPLITS, type Split } from '../../task/source.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface EvaluateFlags extends Trust {
  readonly split?: Split;
  readonly json?: boolean;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description("measure a run's network on held-out examples")
    .argument('<dir>', 'folder of the run')
    .addOption(new Option('--split <split>', 'which examples (default: test where there is one)').choices(SPLITS))
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, { split, json, ...trust }: EvaluateFlags) => {
    const loaded = await readTrustedRun(dir, trust);
    const [{ openSession, restoreNetwork }, { evaluate }, { measuredSplit }, { metricsTable }] = await Promise.all([
      import('../../study/run/session.ts'),
      import('../../evaluate/index.ts'),
      import('../../network/index.ts'),
      import('../../report/index.ts'),
    ]);
    const { network } = await restoreNetwork(await openSession(loaded), dir);
    const metrics = await evaluate(network, split === undefined ? {} : { split });
    const splits = Object.fromEntries(network.tasks.map(({ name, source }) => [name, split ?? measuredSplit(source)]));
    network.dispose();
    process.stdout.write(`${json ? JSON.stringify(metrics) : metricsTable(metrics, splits)}\n`);
  });
}
