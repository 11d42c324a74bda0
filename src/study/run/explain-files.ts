import { dirname } from 'node:path';
import { openTable, type TableOptions, type TableRow } from '../../data/index.ts';
import { isTable } from '../../data/table/file-kind.ts';
import { BanyanError } from '../../error.ts';
import { type AttributeOptions, attribute, type ExplainedExample } from '../../explain/index.ts';
import { listed } from '../../nearest.ts';
import { type BuiltTask, internals, type Network } from '../../network/index.ts';
import { markLasting } from '../../task/lasting-row.ts';
import { type FileExample, readExamples } from './predict.ts';
import { readsRows, rowInputs } from './predict-table.ts';

/** How the examples of files are explained. */
export interface ExplainFilesOptions extends Omit<AttributeOptions, 'task' | 'inputs' | 'baseline' | 'onProgress'> {
  /** Default: all tasks that can read the files. */
  readonly task?: string;
  /** Files of the same kind that the examples are compared with. Default: numbers that are all 0. */
  readonly baselines?: readonly string[];
  /** How tables are written; files of any ending are tables then. */
  readonly table?: TableOptions;
  /** It is told what is being done. */
  readonly onProgress?: (what: string) => void;
}

/**
 * Explains what a network makes of files, or of the rows of tables, by one task or by all that can read them.
 * @throws BanyanError as `attribute`; `data` where no task can read the files, with what each says.
 */
export async function explainFiles(
  network: Network,
  files: readonly string[],
  { task, baselines = [], table, onProgress, ...options }: ExplainFilesOptions = {},
): Promise<readonly ExplainedExample[]> {
  const { body } = internals(network);
  const failures: string[] = [];
  const found: ExplainedExample[][] = [];
  const asked = task === undefined ? network.tasks.map((each) => each.name) : [task];
  const names = table === undefined ? asked : asked.filter((name) => readsRows(network, name));
  if (names.length === 0) {
    throw new BanyanError(
      'argument',
      `explain: --table is for tasks that read rows, received ${listed(asked)}, which read none. Leave it out.`,
    );
  }
  for (const name of names) {
    const built = body.task(name);
    const read = await Promise.all([files, baselines].map((paths) => examplesIn(network, built, paths, table))).catch(
      (error: unknown) => {
        if (task !== undefined || !(error instanceof BanyanError)) throw error;
        failures.push(`${name}: ${error.message}`);
      },
    );
    if (read === undefined) continue;
    const [examples, others] = read as [readonly FileExample[], readonly FileExample[]];
    const attributions = await attribute(network, {
      ...options,
      task: name,
      inputs: examples.map(({ input }) => input),
      ...(others.length === 0 ? {} : { baseline: { examples: others.map(({ input }) => input) } }),
      onProgress: (at) =>
        onProgress?.(
          `explaining ${name}: ${at.examples} of ${examples.length} examples, ${at.points} passes of the next`,
        ),
    });
    found.push(examples.map(({ file }, i) => ({ name: file, attributions: [attributions[i]!] })));
  }
  const [first] = found;
  if (first !== undefined) {
    return first.map(({ name }, i) => ({ name, attributions: found.flatMap((each) => each[i]!.attributions) }));
  }
  throw new BanyanError(
    'data',
    `No task of this network can read all of these files. Name one by --task, or give files of one kind.\n${failures.join('\n')}`,
  );
}

export async function examplesIn(
  network: Network,
  task: BuiltTask,
  files: readonly string[],
  written?: TableOptions,
): Promise<readonly FileExample[]> {
  const tabular = written !== undefined || files.every(isTable);
  if (!readsRows(network, task.name) || !tabular) return readExamples(task, files);
  const examples: FileExample[] = [];
  for (const file of files) {
    const rows = await rowsOf(file, written);
    const inputs = await rowInputs(task, rows, dirname(file));
    examples.push(...rows.map(({ place }, i) => ({ file: place, input: inputs[i] })));
  }
  return examples;
}

async function rowsOf(file: string, written: TableOptions | undefined): Promise<readonly TableRow[]> {
  const table = await openTable(file, written);
  try {
    const rows: TableRow[] = [];
    for await (const row of table.scan()) {
      markLasting(row.values);
      rows.push(row);
    }
    return rows;
  } finally {
    await table.close();
  }
}
