import { type Command, Option } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import type { FormatName } from '../../export/index.ts';
import { withProgress } from '../progress.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ExportFlags extends Trust {
  readonly format: FormatName;
  readonly out: string;
  readonly task?: readonly string[];
  readonly json?: boolean;
}

// Not read from the formats, which bring TensorFlow with them.
const FORMATS: readonly FormatName[] = ['saved-model', 'tfjs', 'onnx'];

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description("write a run's network for other programs: TensorFlow, browsers, ONNX Runtime")
    .argument('<dir>', 'folder of the run')
    .addOption(new Option('--format <format>', 'for whom').choices(FORMATS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'folder to make')
    .option('--task <name...>', 'which tasks (default: all)')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, { format, out, task, json, ...trust }: ExportFlags) => {
    const loaded = await readTrustedRun(dir, trust);
    const [{ openSession, restoreNetwork }, { exportNetwork }, { exportText }] = await Promise.all([
      import('../../study/run/session.ts'),
      import('../../export/index.ts'),
      import('../print/export.ts'),
    ]);
    const report = await withProgress('exporting', async () => {
      const { network } = await restoreNetwork(await openSession(loaded), dir);
      try {
        return await exportNetwork(network, { format, out, ...(task === undefined ? {} : { tasks: task }) });
      } finally {
        network.dispose();
      }
    });
    process.stdout.write(`${json ? JSON.stringify(report) : exportText(report, out)}\n`);
  });
}
