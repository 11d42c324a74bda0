import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { withProgress } from '../progress.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface InspectFlags extends Trust {
  readonly json?: boolean;
  readonly columns?: boolean;
  readonly weights?: boolean;
}

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('say what a run is made of and how far it is')
    .argument('<dir>', 'folder of the run')
    .option('--columns', 'measure its columns and what their tasks listen to; writes pictures')
    .option('--weights', 'list its weights, by the names that an experiment calls them by')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, { json, columns, weights, ...trust }: InspectFlags) => {
    const loaded = await readTrustedRun(dir, trust);
    const { openSession } = await import('../../study/run/session.ts');
    const session = await withProgress('reading data', () => openSession(loaded));
    if (columns) {
      const [{ inspectColumns }, { columnsInspectionText }] = await Promise.all([
        import('../../study/run/columns.ts'),
        import('../print/inspection.ts'),
      ]);
      const inspection = await withProgress('measuring columns', () => inspectColumns(session, dir));
      process.stdout.write(`${json ? JSON.stringify(inspection, null, 2) : columnsInspectionText(inspection)}\n`);
      return;
    }
    if (weights) {
      const [{ inspectWeights }, { weightsText }] = await Promise.all([
        import('../../study/run/inspect.ts'),
        import('../print/inspection.ts'),
      ]);
      const list = await withProgress('reading the run', () => inspectWeights(session, dir));
      process.stdout.write(`${json ? JSON.stringify(list, null, 2) : weightsText(list)}\n`);
      return;
    }
    const [{ inspectRun }, { inspectionText }] = await Promise.all([
      import('../../study/run/inspect.ts'),
      import('../print/inspection.ts'),
    ]);
    const inspection = await withProgress('reading the run', () => inspectRun(session, dir));
    process.stdout.write(`${json ? JSON.stringify(inspection, null, 2) : inspectionText(inspection)}\n`);
  });
}
