import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { check, oneOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import { temporaryBeside } from '../files/durable.ts';
import { fileError } from '../files/file-error.ts';
import { unlessMissing } from '../files/unless-missing.ts';
import { type AnyNetwork, internals, type NetworkBody } from '../network/index.ts';
import { checkExport } from './check.ts';
import { examplesOf, type TaskExamples } from './examples.ts';
import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { dtypeName } from './graph/attributes.ts';
import { type NamedTensor, type NetworkGraph, networkGraph } from './graph/network-graph.ts';
import { compactNumbers, taskManifest } from './manifest.ts';

/** The name of a form in which a network leaves. */
export type FormatName = (typeof FORMATS)[number]['kind'];

/** Options of `exportNetwork`. */
export interface ExportOptions {
  readonly format: FormatName;
  /** The folder to make; it must not be there yet, or be empty. */
  readonly out: string;
  /** The names of the tasks to export. Default: all. */
  readonly tasks?: readonly string[];
  /** By task: raw inputs on which the export is checked. Default: the first eight of its source's test split. */
  readonly examples?: Readonly<Record<string, readonly unknown[]>>;
}

/** A tensor that an exported function takes or gives. */
export interface ExportedTensor {
  readonly name: string;
  /** -1 is a batch of any size. */
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** A function of an exported network: the prediction of a task, or a part of it for a head that writes. */
export interface ExportedFunction {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
  /** The largest difference from what the network gives, as a part of the largest number; absent where it was not checked. */
  readonly difference?: number;
}

/** What `exportNetwork` has made. */
export interface ExportReport {
  readonly format: FormatName;
  /** Bytes of all files. */
  readonly bytes: number;
  /** The runtime that has checked the export; absent where it is not here. */
  readonly checkedBy?: string;
  /** What would have to be installed to check it, where it was not. */
  readonly missing?: string;
  readonly functions: readonly ExportedFunction[];
}

/** The file in an export's folder with the report, and with what the functions do not do. */
const REPORT = 'banyan-export.json';

/**
 * Writes a network for programs that know nothing of this framework: a function for each task, with named inputs and outputs, for batches of
 * any size. Where the runtime that the format is for is here, it has to give what the network gives on examples of each task before the
 * folder is there. `banyan-export.json` in it has the report and, of each task, the settings of stems and head, and the examples: raw, prepared, and
 * with what is predicted.
 * @throws BanyanError `argument` for a folder that is there, an unknown format or task; `capture` for a part that computes other things for
 * other sizes of batch; `runtime` for an export that gives other numbers; `data` for a task without examples.
 */
export async function exportNetwork(network: AnyNetwork, options: ExportOptions): Promise<ExportReport> {
  const { format: kind, out } = options;
  check('exportNetwork', { format: kind }, oneOf(...FORMATS.map((format) => format.kind)));
  const { body, lease } = internals(network);
  const names = options.tasks ?? body.tasks.map(({ name }) => name);
  const tasks = names.map((name) => body.task(name));
  const target = resolve(out);
  await assertFree(target, out);
  const format = FORMATS.find((each) => each.kind === kind)!;
  return lease.use(async () => {
    const examples: TaskExamples[] = [];
    for (const task of tasks) examples.push(await examplesOf(body, task, options.examples?.[task.name]));
    const graph = await networkGraph(body, examples);
    const temporary = temporaryBeside(target);
    try {
      const bytes = await writeFiles(temporary, format.write(graph));
      const report: ExportReport = {
        format: kind,
        bytes,
        ...(await checked(body, format, temporary, graph, examples)),
      };
      const tasks = examples.map((each) => taskManifest(body, each));
      await writeFile(join(temporary, REPORT), `${JSON.stringify({ ...report, tasks }, compactNumbers, 1)}\n`);
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
      return report;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error instanceof BanyanError ? error : fileError('argument', out, 'written', error);
    }
  });
}

/** @throws BanyanError `argument` where something is in the way. */
async function assertFree(target: string, out: string): Promise<void> {
  const found = await unlessMissing(stat(target), undefined).catch((error: unknown) => {
    throw fileError('argument', out, 'written', error);
  });
  if (found === undefined || (found.isDirectory() && (await readdir(target)).length === 0)) return;
  throw new BanyanError(
    'argument',
    `${out} is there already, expected a folder that is not, or an empty one. Choose another, or remove it.`,
  );
}

/** Writes files into a new folder, and gives their bytes together. */
async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<number> {
  let bytes = 0;
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    bytes += content.length;
  }
  return bytes;
}

async function checked(
  body: NetworkBody,
  format: Format,
  folder: string,
  graph: NetworkGraph,
  examples: readonly TaskExamples[],
): Promise<Pick<ExportReport, 'checkedBy' | 'missing' | 'functions'>> {
  const opened = await format.open(folder, graph);
  if (opened === undefined) return { missing: format.missing, functions: functionsOf(graph) };
  try {
    const differences = await checkExport(body, graph, opened, examples);
    return { checkedBy: opened.runtime, functions: functionsOf(graph, differences) };
  } finally {
    await opened.dispose();
  }
}

const functionsOf = ({ signatures }: NetworkGraph, differences?: ReadonlyMap<string, number>): ExportedFunction[] =>
  signatures.map(({ name, task, inputs, outputs }) => ({
    name,
    task,
    inputs: inputs.map(describe),
    outputs: outputs.map(describe),
    ...(differences === undefined ? {} : { difference: differences.get(name)! }),
  }));

const describe = ({ name, shape, dtype }: NamedTensor): ExportedTensor => ({ name, shape, dtype: dtypeName(dtype) });
