import { type Command, Option } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import type { FormatName, Quantisation } from '../../export/index.ts';
import { withProgress } from '../progress.ts';
import { notNegative } from './parse.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ExportFlags extends Trust {
  readonly format: FormatName;
  readonly out: string;
  readonly task?: readonly string[];
  readonly quantise?: Quantisation;
  readonly mayLose?: number;
  readonly variables?: true;
  readonly withPrepare?: true;
  readonly json?: boolean;
}

// Not read from the formats, which bring TensorFlow with them.
const FORMATS: readonly FormatName[] = ['saved-model', 'tfjs', 'onnx', 'tflite'];

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description("write a run's network for other programs: TensorFlow, browsers, ONNX Runtime, phones")
    .argument('<dir>', 'folder of the run')
    .addOption(new Option('--format <format>', 'for whom').choices(FORMATS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'folder to make')
    .option('--task <name...>', 'which tasks (default: all)')
    .addOption(
      new Option('--quantise <form>', 'store the weights in fewer bits').choices(['float16', 'int8', 'full-int8']),
    )
    .option('--may-lose <part>', 'part of its metric that a task may lose by that (default: 0.01)', notNegative)
    .option('--variables', 'of a SavedModel: weights as variables, not as constants')
    .option('--with-prepare', 'put in an ES module that prepares examples and decodes outputs, for browsers and Node')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(
    async (
      dir: string,
      { format, out, task, quantise, mayLose, variables, withPrepare, json, ...trust }: ExportFlags,
    ) => {
      const loaded = await readTrustedRun(dir, trust);
      const [{ openSession, restoreNetwork }, { exportNetwork }, { exportText }] = await Promise.all([
        import('../../study/run/session.ts'),
        import('../../export/index.ts'),
        import('../print/export.ts'),
      ]);
      const report = await withProgress('exporting', async () => {
        const { network } = await restoreNetwork(await openSession(loaded), dir);
        try {
          return await exportNetwork(network, {
            format,
            out,
            ...(task === undefined ? {} : { tasks: task }),
            ...(quantise === undefined ? {} : { quantise }),
            ...(mayLose === undefined ? {} : { mayLose }),
            ...(variables && { variables }),
            ...(withPrepare && { withPrepare }),
          });
        } finally {
          network.dispose();
        }
      });
      process.stdout.write(`${json ? JSON.stringify(report) : exportText(report, out)}\n`);
    },
  );
}
