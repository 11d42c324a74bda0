import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { type ConceptInfluence, conceptInfluence } from '../../explain/index.ts';
import { internals, labelledExamples, type Network } from '../../network/index.ts';
import { examplesIn } from './explain-files.ts';

/** How concepts are looked for. */
export interface ExplainConceptsOptions {
  /** Default: the only one. */
  readonly task?: string;
  /** Folders of examples with a concept, each named like it; or files with several, such as tables. */
  readonly concepts: readonly string[];
  /** The same without any of them. */
  readonly without: string;
  /** Files whose outcomes are looked at. Default: held-out examples of the task. */
  readonly files: readonly string[];
  /** Default: all that the head names. */
  readonly outcome?: string;
}

/** So many held-out examples are looked at. */
const HELD_OUT = 32;

/**
 * Says what concepts, shown by folders of examples, do to the outcomes of a task.
 * @throws BanyanError as `conceptInfluence`; `argument` for several tasks of which none is named, and for folders that are none, or of one name.
 */
export async function explainConcepts(
  network: Network,
  { task: wanted, concepts, without, files, outcome }: ExplainConceptsOptions,
): Promise<readonly ConceptInfluence[]> {
  const names = network.tasks.map(({ name }) => name);
  if (wanted === undefined && names.length > 1) {
    throw new BanyanError(
      'argument',
      `explain: a concept moves the outcomes of one task, and there are ${names.join(', ')}. Name one by --task.`,
    );
  }
  const { body } = internals(network);
  const task = body.task(wanted ?? names[0]!);
  const inputsIn = async (paths: readonly string[]) =>
    (await examplesIn(network, task, paths)).map(({ input }) => input);
  const byName = new Map<string, readonly unknown[]>();
  for (const path of concepts) {
    const name = basename(path, extname(path));
    if (byName.has(name)) {
      throw new BanyanError(
        'argument',
        `explain: two concepts are named "${name}", expected a name of its own for each. Rename one of the folders.`,
      );
    }
    byName.set(name, await inputsIn(filesIn(path)));
  }
  const inputs =
    files.length > 0
      ? await inputsIn(files)
      : (await labelledExamples(body, task, 'held-out', HELD_OUT)).map(({ input }) => input);
  return conceptInfluence(network, {
    task: task.name,
    concepts: Object.fromEntries(byName),
    others: await inputsIn(filesIn(without)),
    inputs,
    ...(outcome === undefined ? {} : { outcomes: [outcome] }),
  });
}

/** The files in a folder, by their names; a file itself. Hidden ones are left out. */
function filesIn(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new BanyanError(
      'argument',
      `explain: ${path} is not there, expected a folder of examples, or a file with several. Correct the path.`,
    );
  }
  if (!found.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .sort();
}
