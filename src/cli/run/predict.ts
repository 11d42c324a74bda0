import { dirname } from 'node:path';
import { openTable, type TableOptions } from '../../data/index.ts';
import { isTable } from '../../data/table/file-kind.ts';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { listed } from '../../nearest.ts';
import type { Network } from '../../network/index.ts';
import { classNames, predictFiles } from '../../study/run/predict.ts';
import { predictByAll } from '../../study/run/predict-all.ts';
import { predictTable, readsRows } from '../../study/run/predict-table.ts';
import { openSession, restoreNetwork } from '../../study/run/session.ts';
import { allPredictionsJson, allPredictionsText, predictionJson, predictionText } from '../print/prediction.ts';
import { formatOf, rowWriter } from '../print/rows.ts';
import { type Progress, withProgress } from '../progress.ts';
import { keepStandardInput, STANDARD_INPUT } from './standard-input.ts';
import { tableOptions } from './table-options.ts';
import { openOutput, type TextOutput } from './written.ts';

export interface PredictRequest {
  readonly folder: string;
  readonly files: readonly string[];
  /** Without one, all that can read the files. */
  readonly task?: string;
  readonly json: boolean;
  /** Default: the standard output. */
  readonly out?: string;
  /** Sequences that heads which write follow at once. */
  readonly beam?: number;
  /** How tables are written, as an entry of `data` says it; files of any ending are tables then. */
  readonly table?: unknown;
}

/** Predicts for files, or for the rows of tables, and writes what the network says. */
export async function predictCommand(loaded: LoadedExperiment, request: PredictRequest): Promise<void> {
  await withProgress('reading the network', async (progress) => {
    const { network } = await restoreNetwork(await openSession(loaded), request.folder);
    try {
      await predictWith(network, request, progress);
    } finally {
      network.dispose();
    }
  });
}

async function predictWith(network: Network, request: PredictRequest, progress: Progress): Promise<void> {
  const { files, task, out } = request;
  const asked = task === undefined ? network.tasks.map(({ name }) => name) : [task];
  const tabular = asked.filter((name) => readsRows(network, name));
  const written = request.table === undefined ? undefined : tableOptions(request.table);
  if (written !== undefined && tabular.length === 0) {
    throw new BanyanError(
      'argument',
      `predict: --table is for tasks that read rows, received ${listed(asked)}, which read none. Leave it out.`,
    );
  }
  const tables = files.filter((file) =>
    file === STANDARD_INPUT ? tabular.length > 0 : written !== undefined || isTable(file),
  );
  const fromTables = tabular.length > 0 && tables.length > 0;
  if (fromTables && tables.length < files.length) {
    const other = files.find((file) => !tables.includes(file));
    throw new BanyanError(
      'argument',
      `predict: expected either tables or other files, received ${tables[0]} and ${other}. Predict one kind after the other.`,
    );
  }
  const input = files.includes(STANDARD_INPUT) ? await keepStandardInput(fromTables) : undefined;
  const paths = files.map((file) => (file === STANDARD_INPUT ? input!.path : file));
  const output = openOutput(out);
  progress.tell('predicting');
  try {
    if (fromTables) await writeRows(network, { tasks: tabular, paths, written }, request, output, progress);
    else await writeFiles(network, { ...request, files: paths }, output, progress);
    await output.end();
  } finally {
    await input?.remove();
  }
}

interface Rows {
  readonly tasks: readonly string[];
  readonly paths: readonly string[];
  readonly written: TableOptions | undefined;
}

async function writeRows(
  network: Network,
  { tasks, paths, written }: Rows,
  { json, out, beam }: PredictRequest,
  output: TextOutput,
  progress: Progress,
): Promise<void> {
  const like = written?.format === undefined ? paths[0]! : `rows.${written.format}`;
  const text = rowWriter(json ? { kind: 'jsonl' } : formatOf(out ?? like));
  let count = 0;
  for (const path of paths) {
    const table = await openTable(path, written);
    try {
      for await (const row of predictTable(network, tasks, table, dirname(path), { beam })) {
        if (out === undefined) progress.hide();
        await output.write(text(row));
        progress.tell(`predicting: ${++count} rows`);
      }
    } finally {
      await table.close();
    }
  }
}

async function writeFiles(
  network: Network,
  { task, files, json, beam }: PredictRequest,
  output: TextOutput,
  progress: Progress,
): Promise<void> {
  const say = (text: string) => {
    progress.hide();
    return output.write(`${text}\n`);
  };
  if (task === undefined) {
    const all = await predictByAll(network, files, { beam });
    const names = new Map(
      Object.entries(all[0]?.predictions ?? {}).map(([name, first]) => [name, classNames(network, name, first)]),
    );
    for (const each of all) await say(json ? allPredictionsJson(each) : allPredictionsText(each, names));
    return;
  }
  const predictions = await predictFiles(network, task, files, { beam });
  const names = classNames(network, task, predictions[0]?.prediction);
  for (const { file, prediction } of predictions) {
    await say(json ? predictionJson(file, prediction) : predictionText(file, prediction, names));
  }
}
