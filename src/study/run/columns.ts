import { writeFile } from 'node:fs/promises';
import { type ColumnMeasurements, measureColumns } from '../../analysis/columns.ts';
import type { Network } from '../../network/index.ts';
import { columnsPage } from '../../report/index.ts';
import { runPaths } from './paths.ts';
import { restoreNetwork, type Session } from './session.ts';

/** What there is to say of a run's columns. */
export interface ColumnsInspection extends ColumnMeasurements {
  /** The HTML page with tables and pictures that was written. */
  readonly page: string;
}

/**
 * Measures a network's columns and writes what there is to see of them into the run's folder.
 * @throws BanyanError `data` for a task without labelled held-out examples.
 */
export async function writeColumns(network: Network, folder: string): Promise<ColumnsInspection> {
  const measured = await measureColumns(network);
  const { columns: file } = runPaths(folder);
  await writeFile(file, await columnsPage(`Columns of ${folder}`, measured));
  return { page: file, ...measured };
}

/** Measures the columns of a run's network. @throws BanyanError `checkpoint` for a run without weights, `data` as `writeColumns`. */
export async function inspectColumns(session: Session, folder: string): Promise<ColumnsInspection> {
  const { network } = await restoreNetwork(session, folder);
  try {
    return await writeColumns(network, folder);
  } finally {
    network.dispose();
  }
}
