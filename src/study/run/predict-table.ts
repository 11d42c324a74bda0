import type { Table, TableRow } from '../../data/index.ts';
import { BanyanError } from '../../error.ts';
import { type BuiltTask, decodeOutput, internals, type Network, outputsOf } from '../../network/index.ts';
import { blaming } from '../../task/blame.ts';
import { markLasting } from '../../task/lasting-row.ts';
import { type BeamOption, beamFor, classNames } from './predict.ts';
import { type PredictionCells, predictionCells } from './prediction-columns.ts';

/** So many rows are in memory at a time. */
const CHUNK = 256;

/** Whether a task can make an example of a row. */
export const readsRows = (network: Network, task: string): boolean =>
  internals(network).body.task(task).definition.fromRow !== undefined;

/**
 * Predicts for each row of a table by the tasks named, and gives its cells with what was predicted after them, in the table's order.
 * `folder`: where paths in a row begin.
 * @throws BanyanError `plugin` for a task that makes no examples of rows, `data` for a column that the table has already.
 */
export async function* predictTable(
  network: Network,
  tasks: readonly string[],
  table: Table,
  folder: string,
  option: BeamOption = {},
): AsyncGenerator<PredictionCells> {
  const { body } = internals(network);
  const built = tasks.map((name) => body.task(name));
  for (const task of built) assertReadsRows(task);
  const names = new Map<string, readonly string[]>();
  for await (const rows of chunks(table)) {
    for (const { values } of rows) markLasting(values);
    const cells: PredictionCells[] = rows.map(({ values }) => values);
    for (const task of built) {
      const predictions = await predictRows(network, task, rows, folder, beamFor(network, task.name, option));
      if (!names.has(task.name)) names.set(task.name, classNames(network, task.name, predictions[0]));
      for (const [i, prediction] of predictions.entries()) {
        const added = predictionCells(task.name, prediction, names.get(task.name)!);
        assertNew(table, added);
        cells[i] = { ...cells[i], ...added };
      }
    }
    yield* cells;
  }
}

/** Makes raw inputs of rows. `folder`: where paths in a row begin. */
export async function rowInputs(
  task: BuiltTask,
  rows: readonly TableRow[],
  folder: string,
): Promise<readonly unknown[]> {
  const inputs: unknown[] = [];
  for (const { values, place } of rows) {
    inputs.push(
      await blaming(`Task "${task.name}": fromRow() of ${place}`, 'an input', async () =>
        task.definition.fromRow!(values, { row: place, folder }),
      ),
    );
  }
  return inputs;
}

async function predictRows(
  network: Network,
  task: BuiltTask,
  rows: readonly TableRow[],
  folder: string,
  { beam }: BeamOption,
) {
  const { body, lease } = internals(network);
  const inputs = await rowInputs(task, rows, folder);
  const placeOf = (i: number) => rows[i]!.place;
  const outputs = await lease.use(() => outputsOf(body, task, inputs, { placeOf, beam }));
  return outputs.map((output, i) => decodeOutput(task, output, placeOf(i)));
}

async function* chunks(table: Table): AsyncGenerator<readonly TableRow[]> {
  let rows: TableRow[] = [];
  for await (const row of table.scan()) {
    rows.push(row);
    if (rows.length < CHUNK) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

function assertReadsRows({ name, definition }: BuiltTask): void {
  if (definition.fromRow !== undefined) return;
  throw new BanyanError(
    'plugin',
    `Task "${name}" makes no examples of a table's rows, expected a task with fromRow(values). Give it files of its own kind, or add fromRow to the task.`,
  );
}

function assertNew({ path, columns }: Table, added: PredictionCells): void {
  const taken = Object.keys(added).find((name) => columns.includes(name));
  if (taken === undefined) return;
  throw new BanyanError(
    'data',
    `${path} has a column "${taken}" already, expected none of the names of predictions. Rename the column, or remove it.`,
  );
}
