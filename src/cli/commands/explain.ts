import { type Command, Option } from 'commander';
import { BanyanError } from '../../error.ts';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { withProgress } from '../progress.ts';
import { yaml } from './parse.ts';
import { tableOption } from './table-option.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ExplainFlags extends Trust {
  readonly task?: string;
  readonly method?: unknown;
  readonly outcome?: string;
  readonly at?: 'input' | 'tokens';
  readonly baseline?: readonly string[];
  readonly table?: unknown;
  readonly concept?: readonly string[];
  readonly without?: string;
  readonly trunk?: true;
  readonly beside?: readonly string[];
  readonly out?: string;
  readonly write?: string;
  readonly use?: string;
  readonly json?: boolean;
}

/** What is explained, and the options that are about it alone. */
const SUBJECTS = {
  'single files': ['method', 'at', 'baseline', 'table'],
  concepts: ['concept', 'without'],
  'the trunk': ['trunk', 'beside'],
  rules: ['write', 'use'],
} as const;

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description(
      'show what a prediction rests on; what concepts do to it; what tasks share; or in sentences what rules were learned',
    )
    .argument('<dir>', 'folder of the run')
    .argument('[file...]', 'pictures, sounds, texts, tables, as `banyan predict` takes them; without one, the rules')
    .option('--task <name>', 'the task (default: all that can read the files, or whose heads can be read)')
    .option(
      '--method <kind>',
      'a kind of explanation, or {kind: …} with options (default: integrated-gradients)',
      (text: string) => yaml(text),
    )
    .option('--outcome <name>', 'which class, number or written symbol is explained (default: what is predicted)')
    .addOption(new Option('--at <level>', 'explain by the input or by its tokens').choices(['input', 'tokens']))
    .option('--baseline <file>', 'an example to compare with, several times for several (default: zeros)', collect)
    .addOption(tableOption())
    .option(
      '--concept <folder>',
      'examples with a concept, several times for several: what it does to each outcome',
      collect,
    )
    .option('--without <folder>', 'examples without any of the concepts')
    .option('--trunk', 'write trunk.html into the run: what its tasks share of the trunk, each beside a control')
    .option('--beside <dir>', 'another run whose trunk is compared with this one, several times for several', collect)
    .option('--out <file>', 'write a page (.html), a picture (.png) or the numbers (.json)')
    .option('--write <file>', 'write the rules into this file, a line each')
    .option('--use <file>', 'take the rules of this file in their place, and measure the task with them')
    .option('--json', 'as JSON');
  addTrustOptions(command).action(async (dir: string, files: readonly string[], flags: ExplainFlags) => {
    process.stdout.write(`${await explained(dir, files, flags)}\n`);
  });
}

const collect = (file: string, before: readonly string[] = []): readonly string[] => [...before, file];

function explained(dir: string, files: readonly string[], flags: ExplainFlags): Promise<string> {
  if (flags.concept !== undefined || flags.without !== undefined) {
    assertAbout('concepts', 'a concept', flags);
    return explainConcepts(dir, files, flags);
  }
  if (flags.trunk !== undefined || flags.beside !== undefined) {
    assertAbout('the trunk', 'the trunk', flags);
    return explainTrunk(dir, files, flags);
  }
  if (files.length > 0) {
    assertAbout('single files', files[0]!, flags);
    return explainExamples(dir, files, flags);
  }
  assertAbout('rules', 'no file', flags);
  const odd = (['outcome', 'out'] as const).find((name) => flags[name] !== undefined);
  if (odd !== undefined) {
    throw new BanyanError(
      'argument',
      `explain: --${odd} is about single files or concepts, received no file beside it. Name a file, or leave --${odd} out: then the rules of a run are told, and --write writes them.`,
    );
  }
  return explainRules(dir, flags);
}

/** @throws BanyanError `argument` for an option that is about something else. */
function assertAbout(subject: keyof typeof SUBJECTS, received: string, flags: ExplainFlags): void {
  for (const [other, names] of Object.entries(SUBJECTS)) {
    const given = names.find((name) => flags[name] !== undefined);
    if (other === subject || given === undefined) continue;
    throw new BanyanError(
      'argument',
      `explain: --${given} is about ${other}, received ${received} beside it. Leave one of them out.`,
    );
  }
}

async function explainConcepts(folder: string, files: readonly string[], flags: ExplainFlags): Promise<string> {
  const { task, concept, without, outcome, out, json = false } = flags;
  if (concept === undefined || without === undefined) {
    throw new BanyanError(
      'argument',
      `explain: a concept is the difference between examples with and without it, received --${concept === undefined ? 'without' : 'concept'} alone. Give both.`,
    );
  }
  const loaded = await readTrustedRun(folder, flags);
  const { explainConceptsCommand } = await import('../run/explain-concepts.ts');
  return explainConceptsCommand(loaded, {
    ...{ folder, files, concepts: concept, without, json },
    ...(task === undefined ? {} : { task }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(out === undefined ? {} : { out }),
  });
}

async function explainTrunk(folder: string, files: readonly string[], flags: ExplainFlags): Promise<string> {
  const { trunk, beside = [], json = false } = flags;
  const odd = files[0] ?? (['task', 'outcome', 'out'] as const).find((name) => flags[name] !== undefined);
  if (odd !== undefined) {
    throw new BanyanError(
      'argument',
      `explain: --trunk is about all tasks of the run and writes into its folder, received ${files.length > 0 ? odd : `--${odd}`} beside it. Leave it out.`,
    );
  }
  if (trunk === undefined) {
    throw new BanyanError(
      'argument',
      'explain: --beside is about the trunk, received it without --trunk. Add --trunk.',
    );
  }
  const loaded = await readTrustedRun(folder, flags);
  const others = await Promise.all(
    beside.map(async (path) => ({ folder: path, loaded: await readTrustedRun(path, flags) })),
  );
  const { explainTrunkCommand } = await import('../run/explain-trunk.ts');
  return explainTrunkCommand(loaded, { folder, beside: others, json });
}

async function explainExamples(folder: string, files: readonly string[], flags: ExplainFlags): Promise<string> {
  const { task, method, outcome, at, baseline = [], table, out, json = false } = flags;
  const loaded = await readTrustedRun(folder, flags);
  const { explainCommand } = await import('../run/explain.ts');
  return explainCommand(loaded, {
    ...{ folder, files, baselines: baseline, json },
    ...(task === undefined ? {} : { task }),
    ...(method === undefined ? {} : { method }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(at === undefined ? {} : { at }),
    ...(table === undefined ? {} : { table }),
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
