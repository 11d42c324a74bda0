import { type Command, Option } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { SPLITS, type Split } from '../../task/source.ts';
import { withProgress } from '../progress.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface EvaluateFlags extends Trust {
  readonly split?: Split;
  readonly linear?: boolean;
  readonly json?: boolean;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description("measure a run's network on held-out examples, beside what chance reaches")
    .argument('<dir>', 'folder of the run')
    .addOption(new Option('--split <split>', 'which examples (default: test where there is one)').choices(SPLITS))
    .option('--linear', 'train a linear model beside it, and measure that too')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, { split, linear = false, json, ...trust }: EvaluateFlags) => {
    const loaded = await readTrustedRun(dir, trust);
    const [{ openSession, restoreNetwork }, { evaluateRun }, { evaluationText }] = await Promise.all([
      import('../../study/run/session.ts'),
      import('../../study/run/evaluate.ts'),
      import('../print/evaluation.ts'),
    ]);
    const evaluation = await withProgress('measuring', async () => {
      const { network } = await restoreNetwork(await openSession(loaded), dir);
      try {
        return await evaluateRun(network, { linear, ...(split === undefined ? {} : { split }) });
      } finally {
        network.dispose();
      }
    });
    process.stdout.write(`${json ? JSON.stringify(evaluation) : evaluationText(evaluation)}\n`);
  });
}
