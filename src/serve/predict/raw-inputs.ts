import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTable } from '../../data/index.ts';
import { BanyanError } from '../../error.ts';
import type { BuiltTask } from '../../network/index.ts';
import { readInputs } from '../../study/run/predict.ts';
import { blaming } from '../../task/blame.ts';
import { Refusal } from '../refusal.ts';
import type { Question, SentFile } from './bodies.ts';

/** Makes the raw inputs of a task of what was asked. @throws BanyanError for what the task cannot read; Refusal 400 for what it does not take. */
export async function rawInputs(task: BuiltTask, question: Question): Promise<readonly unknown[]> {
  switch (question.kind) {
    case 'inputs':
      return question.values;
    case 'rows':
      return rowInputs(task, question.values);
    case 'files':
      return inFolder((folder) => fileInputs(task, question.values, folder));
    case 'table':
      return inFolder(async (folder) => {
        const path = join(folder, `body${question.ending}`);
        await writeFile(path, question.bytes);
        return rowInputs(task, await readRows(path));
      });
  }
}

/** Stems read files, so what was sent becomes one for a moment. Errors call it by its name alone. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-serve-'));
  try {
    return await work(folder);
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    throw new BanyanError(error.code, error.message.replaceAll(`${folder}/`, ''), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rowInputs(task: BuiltTask, rows: readonly Readonly<Record<string, unknown>>[]) {
  const { fromRow } = task.definition;
  if (fromRow === undefined) {
    throw new Refusal(
      400,
      `Task "${task.name}" makes no examples of rows, expected files or { "inputs": [ … ] }. Send those.`,
      'plugin',
    );
  }
  const inputs: unknown[] = [];
  for (const [i, values] of rows.entries()) {
    inputs.push(
      await blaming(`Task "${task.name}": fromRow() of row ${i}`, 'an input', async () =>
        // Whoever sends a row may not have files of this machine read.
        fromRow(values, { row: `row ${i}`, folder: undefined }),
      ),
    );
  }
  return inputs;
}

async function readRows(path: string) {
  const table = await openTable(path);
  try {
    const rows: Readonly<Record<string, unknown>>[] = [];
    for await (const { values } of table.scan()) rows.push(values);
    return rows;
  } finally {
    await table.close();
  }
}

async function fileInputs(task: BuiltTask, files: readonly SentFile[], folder: string): Promise<readonly unknown[]> {
  const paths: string[] = [];
  for (const [i, { bytes }] of files.entries()) {
    paths.push(join(folder, files.length === 1 ? 'body' : `part-${i}`));
    await writeFile(paths[i]!, bytes);
  }
  const { parts } = task.input;
  if (task.definition.stems === undefined) return readInputs(task.name, parts[0]!.stem, paths);
  const names = parts.map(({ name }) => name!);
  const byName = new Map(names.map((name) => [name, paths.filter((_, i) => files[i]!.name === name)]));
  const count = byName.get(names[0]!)!.length;
  if ([...byName.values()].some(({ length }) => length !== count) || count * names.length !== files.length) {
    throw new Refusal(
      400,
      `Task "${task.name}" has several inputs, expected as many parts of each in a multipart/form-data: ${names.join(', ')}; received ${files.map(({ name = 'one without a name' }) => name).join(', ')}. Send one of each for every example.`,
    );
  }
  const read = new Map<string, readonly unknown[]>();
  for (const { name = '', stem } of parts)
    read.set(name, await readInputs(task.name, stem, byName.get(name)!, `its stem "${name}"`));
  return Array.from({ length: count }, (_, i) => Object.fromEntries(names.map((name) => [name, read.get(name)![i]])));
}
