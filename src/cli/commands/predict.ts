import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface PredictFlags extends Trust {
  readonly task: string;
  readonly json?: boolean;
}

export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description('predict for files with a run’s network')
    .argument('<dir>', 'folder of the run')
    .argument('<file...>', 'pictures, sounds, texts: what the task takes; NAME=FILE where it has several inputs')
    .requiredOption('--task <name>', 'which task')
    .option('--json', 'as JSON, one line an example');
  addTrustOptions(command).action(
    async (dir: string, files: string[], { task, json = false, ...trust }: PredictFlags) => {
      const loaded = await readTrustedRun(dir, trust);
      const [{ openSession, restoreNetwork }, { classNames, predictFiles }, { predictionJson, predictionText }] =
        await Promise.all([
          import('../../study/run/session.ts'),
          import('../../study/run/predict.ts'),
          import('../print/prediction.ts'),
        ]);
      const { network } = await restoreNetwork(await openSession(loaded), dir);
      const predictions = await predictFiles(network, task, files);
      const names = classNames(network, task, predictions[0]?.prediction);
      network.dispose();
      for (const { file, prediction } of predictions) {
        const text = json ? predictionJson(file, prediction) : predictionText(file, prediction, names);
        process.stdout.write(`${text}\n`);
      }
    },
  );
}
