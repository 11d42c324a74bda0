import { type Command, Option } from 'commander';
import { BanyanError } from '../../error.ts';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { withProgress } from '../progress.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ExplainFlags extends Trust {
  readonly task?: string;
  readonly method?: string;
  readonly outcome?: string;
  readonly at?: 'input' | 'tokens';
  readonly baseline?: readonly string[];
  readonly out?: string;
  readonly write?: string;
  readonly use?: string;
  readonly json?: boolean;
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('show what a prediction rests on; or say in sentences what a head of rules has learned')
    .argument('<dir>', 'folder of the run')
    .argument('[file...]', 'pictures, sounds, texts, tables, as `banyan predict` takes them; without one, the rules')
    .option('--task <name>', 'the task (default: all that can read the files, or whose heads can be read)')
    .option('--method <kind>', 'a kind of explanation, or {kind: …} with options (default: integrated-gradients)')
    .option('--outcome <name>', 'which class, number or written symbol is explained (default: what is predicted)')
    .addOption(new Option('--at <level>', 'explain by the input or by its tokens').choices(['input', 'tokens']))
    .option('--baseline <file>', 'an example to compare with, several times for several (default: zeros)', collect)
    .option('--out <file>', 'write a page (.html), a picture (.png) or the numbers (.json)')
    .option('--write <file>', 'write the rules into this file, a line each')
    .option('--use <file>', 'take the rules of this file in their place, and measure the task with them')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, files: readonly string[], flags: ExplainFlags) => {
    const text = files.length > 0 ? await explainExamples(dir, files, flags) : await explainRules(dir, flags);
    process.stdout.write(`${text}\n`);
  });
}

const collect = (file: string, before: readonly string[] = []): readonly string[] => [...before, file];

async function explainExamples(folder: string, files: readonly string[], flags: ExplainFlags): Promise<string> {
  const { task, method, outcome, at, baseline = [], out, write, use, json = false } = flags;
  if (write !== undefined || use !== undefined) {
    throw new BanyanError(
      'argument',
      `explain: --${write === undefined ? 'use' : 'write'} is about rules, received ${files[0]} beside it. Leave the files out.`,
    );
  }
  const loaded = await readTrustedRun(folder, flags);
  const { explainCommand } = await import('../run/explain.ts');
  return explainCommand(loaded, {
    ...{ folder, files, baselines: baseline, json },
    ...(task === undefined ? {} : { task }),
    ...(method === undefined ? {} : { method }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(at === undefined ? {} : { at }),
    ...(out === undefined ? {} : { out }),
  });
}

async function explainRules(dir: string, flags: ExplainFlags): Promise<string> {
  const { task, write, use, json } = flags;
  const loaded = await readTrustedRun(dir, flags);
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
  return json ? JSON.stringify(explanations, null, 2) : explanationText(explanations);
}
