import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { withProgress } from '../progress.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ExplainFlags extends Trust {
  readonly task?: string;
  readonly write?: string;
  readonly use?: string;
  readonly json?: boolean;
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('say in sentences what a head of rules has learned; edit its rules, and see what they do')
    .argument('<dir>', 'folder of the run')
    .option('--task <name>', 'the task (default: all whose heads can be read)')
    .option('--write <file>', 'write its rules into this file, a line each')
    .option('--use <file>', 'take the rules of this file in their place, and measure the task with them')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, { json, ...flags }: ExplainFlags) => {
    const { task, write, use, ...trust } = flags;
    const loaded = await readTrustedRun(dir, trust);
    const [{ openSession, restoreNetwork }, { explainRun }, { explanationText }] = await Promise.all([
      import('../../study/run/session.ts'),
      import('../../study/run/explain.ts'),
      import('../print/explanation.ts'),
    ]);
    const explanations = await withProgress('reading the rules', async () => {
      const { network } = await restoreNetwork(await openSession(loaded), dir);
      try {
        return await explainRun(network, { task, write, use });
      } finally {
        network.dispose();
      }
    });
    process.stdout.write(`${json ? JSON.stringify(explanations, null, 2) : explanationText(explanations)}\n`);
  });
}
