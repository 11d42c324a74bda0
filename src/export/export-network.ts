import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { check, notNegative, oneOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import { sync, syncAll, temporaryBeside } from '../files/durable.ts';
import { fileError } from '../files/file-error.ts';
import { unlessMissing } from '../files/unless-missing.ts';
import { type AnyNetwork, internals, type NetworkBody } from '../network/index.ts';
import type { Computation } from '../runtime/index.ts';
import { checkExport, type Finding } from './check.ts';
import { examplesOf, type TaskExamples } from './examples.ts';
import type { Format, FormatName } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { dtypeName } from './graph/attributes.ts';
import { type NamedTensor, type NetworkGraph, networkGraph } from './graph/network-graph.ts';
import { compactNumbers, taskManifest } from './manifest.ts';
import { type MetricChange, measureLosses } from './quantise/losses.ts';
import { quantise as quantiseNetwork } from './quantise/quantise.ts';
import { QUANTISATIONS, type Quantisation } from './quantise/store.ts';

/** Options of `exportNetwork`. */
export interface ExportOptions {
  readonly format: FormatName;
  /** The folder to make; it must not be there yet, or be empty. */
  readonly out: string;
  /** The names of the tasks to export. Default: all. */
  readonly tasks?: readonly string[];
  /** By task: raw inputs on which the export is checked. Default: the first eight of its source's test split. */
  readonly examples?: Readonly<Record<string, readonly unknown[]>>;
  /** Stores the weights in fewer bits: `float16`, or whole numbers of 8 bits with a step for each weight's tensor (`int8`). Default: float32. */
  readonly quantise?: Quantisation;
  /** The part of its metric that a task may lose by that. Default 0.01. */
  readonly mayLose?: number;
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
  /** What one example takes in the runtime that has checked it, the least of three times. */
  readonly milliseconds?: number;
}

/** What `exportNetwork` has made. */
export interface ExportReport {
  readonly format: FormatName;
  /** Bytes of all files. */
  readonly bytes: number;
  readonly quantise?: Quantisation;
  /** By task: its first metric on held-out examples, with float32 weights and with those that are exported. */
  readonly changes?: Readonly<Record<string, MetricChange>>;
  /** The runtime that has checked the export; absent where it is not here. */
  readonly checkedBy?: string;
  /** What would have to be installed to check it, where it was not. */
  readonly missing?: string;
  readonly functions: readonly ExportedFunction[];
}

/** A point of a hundred. */
const MAY_LOSE = 0.01;

/** The file in an export's folder with the report, and with what the functions do not do. */
const REPORT = 'banyan-export.json';

/**
 * Writes a network for programs that know nothing of this framework: a function for each task, with named inputs and outputs, for batches of
 * any size. Where the runtime that the format is for is here, it has to give what the network gives on examples of each task before the
 * folder is there. `banyan-export.json` in it has the report and, of each task, the settings of stems and head, and the examples: raw, prepared, and
 * with what is predicted.
 * @throws BanyanError `argument` for a folder that is there, an unknown format or task; `capture` for a part that computes other things for
 * other sizes of batch; `runtime` for an export that gives other numbers; `data` for a task without examples; `argument` also for a task that loses more by
 * `quantise` than it may.
 */
export async function exportNetwork(network: AnyNetwork, options: ExportOptions): Promise<ExportReport> {
  const { format: kind, out, quantise, mayLose = MAY_LOSE } = options;
  check('exportNetwork', { format: kind }, oneOf(...FORMATS.map((format) => format.kind)));
  if (quantise !== undefined) check('exportNetwork', { quantise }, oneOf(...QUANTISATIONS));
  check('exportNetwork', { mayLose }, notNegative);
  const { body, lease } = internals(network);
  const names = options.tasks ?? body.tasks.map(({ name }) => name);
  const tasks = names.map((name) => body.task(name));
  const target = resolve(out);
  await assertFree(target, out);
  const format = FORMATS.find((each) => each.kind === kind)!;
  return lease.use(async () => {
    const examples: TaskExamples[] = [];
    for (const task of tasks) examples.push(await examplesOf(body, task, options.examples?.[task.name]));
    const plain = await networkGraph(body, examples);
    if (quantise === undefined) return write({ body, format, graph: plain, examples }, target, out);
    const quantised = quantiseNetwork(plain, quantise);
    try {
      const changes = await measureLosses(body, names, quantised, { quantise, mayLose });
      const again: TaskExamples[] = [];
      for (const { task, raw } of examples) again.push(await examplesOf(body, task, raw, quantised.instead));
      const work = { body, format, ...quantised, examples: again, quantise, changes };
      return await write(work, target, out);
    } finally {
      for (const variable of quantised.instead.values()) variable.dispose();
    }
  });
}

/** What is written, and what it is held against. */
interface Work extends Pick<ExportReport, 'quantise' | 'changes'> {
  readonly body: NetworkBody;
  readonly format: Format;
  readonly graph: NetworkGraph;
  readonly examples: readonly TaskExamples[];
  readonly instead?: Computation['instead'];
}

/** Writes and checks an export under another name, and renames it. `out`: what an error calls the folder. */
async function write(work: Work, target: string, out: string): Promise<ExportReport> {
  const { body, format, graph, examples, quantise, changes } = work;
  const temporary = temporaryBeside(target);
  try {
    const bytes = await writeFiles(temporary, format.write(graph));
    const report: ExportReport = {
      format: format.kind,
      bytes,
      ...(quantise === undefined ? {} : { quantise, changes: changes! }),
      ...(await checked(work, temporary)),
    };
    const tasks = examples.map((each) => taskManifest(body, each));
    await writeFile(join(temporary, REPORT), `${JSON.stringify({ ...report, tasks }, compactNumbers, 1)}\n`);
    await syncAll(temporary);
    await rename(temporary, target);
    sync(dirname(target));
    return report;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error instanceof BanyanError ? error : fileError('argument', out, 'written', error);
  }
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
  { body, format, graph, examples, instead }: Work,
  folder: string,
): Promise<Pick<ExportReport, 'checkedBy' | 'missing' | 'functions'>> {
  const opened = await format.open(folder, graph);
  if (opened === undefined) return { missing: format.missing, functions: functionsOf(graph) };
  try {
    const findings = await checkExport(body, graph, opened, examples, instead);
    return { checkedBy: opened.runtime, functions: functionsOf(graph, findings) };
  } finally {
    await opened.dispose();
  }
}

const functionsOf = ({ signatures }: NetworkGraph, findings?: ReadonlyMap<string, Finding>): ExportedFunction[] =>
  signatures.map(({ name, task, inputs, outputs }) => ({
    name,
    task,
    inputs: inputs.map(describe),
    outputs: outputs.map(describe),
    ...findings?.get(name),
  }));

const describe = ({ name, shape, dtype }: NamedTensor): ExportedTensor => ({ name, shape, dtype: dtypeName(dtype) });
