import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BanyanError } from '../error.ts';
import { sync, syncAll, temporaryBeside } from '../files/durable.ts';
import { fileError } from '../files/file-error.ts';
import type { NetworkBody } from '../network/index.ts';
import type { Computation } from '../runtime/index.ts';
import { checkExport, type Finding, TOLERANCE } from './check.ts';
import { examplesOf, type TaskExamples } from './examples.ts';
import type { Files, Format } from './formats/format.ts';
import { dtypeName } from './graph/attributes.ts';
import type { NamedTensor, NetworkGraph } from './graph/network-graph.ts';
import { compactNumbers, taskManifest } from './manifest.ts';
import { checkModule } from './module/check-module.ts';
import { MODULE, moduleFile } from './module/module-file.ts';
import { convertSmall } from './quantise/by-converter.ts';
import { type Limit, measureLosses } from './quantise/losses.ts';
import { quantise as quantiseNetwork } from './quantise/quantise.ts';
import type { InGraph } from './quantise/store.ts';
import type { ExportedFunction, ExportedTensor, ExportReport } from './report.ts';

/** The file in an export's folder with the report, and with what the functions do not do. */
const REPORT = 'banyan-export.json';

/** Reads that file in Python; it goes along with every export. */
const READER = fileURLToPath(new URL('python/banyan_export.py', import.meta.url));

/** What is written, and what it is held against. */
export interface Work extends Pick<ExportReport, 'quantise' | 'changes'> {
  readonly body: NetworkBody;
  readonly format: Format;
  readonly graph: NetworkGraph;
  readonly examples: readonly TaskExamples[];
  readonly instead?: Computation['instead'];
  /** Whether the module that prepares and decodes goes along. */
  readonly withPrepare: boolean;
}

/** Writes and checks an export under another name, and renames it. `out`: what an error calls the folder. */
export async function publish(
  target: string,
  out: string,
  write: (folder: string) => Promise<ExportReport>,
): Promise<ExportReport> {
  const temporary = temporaryBeside(target);
  try {
    const report = await write(temporary);
    await syncAll(temporary);
    await rename(temporary, target);
    sync(dirname(target));
    return report;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error instanceof BanyanError ? error : fileError('argument', out, 'written', error);
  }
}

/** Writes numbers as they are, or as they stand in the graph. */
export async function writePlain(work: Work, folder: string): Promise<ExportReport> {
  const files = await work.format.write(work.graph);
  await writeFiles(folder, files);
  return writeReport(work, folder, await checked(work, folder));
}

/** Writes weights of fewer bits, which operations of the graph read back. */
export async function writeQuantised(work: Work, limit: Limit, folder: string): Promise<ExportReport> {
  const { body, examples } = work;
  const { graph, instead } = quantiseNetwork(work.graph, limit.quantise as InGraph);
  try {
    const names = examples.map(({ task }) => task.name);
    const changes = await measureLosses(body, names, instead, limit);
    const again: TaskExamples[] = [];
    for (const { task, raw } of examples) again.push(await examplesOf(body, task, raw, instead));
    const { quantise } = limit;
    return await writePlain({ ...work, graph, instead, examples: again, quantise, changes }, folder);
  } finally {
    for (const variable of instead.values()) variable.dispose();
  }
}

/** Writes what a converter makes of fewer bits: how near that is, its metrics say. */
export async function writeConverted(work: Work, limit: Limit, folder: string): Promise<ExportReport> {
  const { body, format, graph, examples } = work;
  const put = async (files: Files) => {
    await writeFiles(folder, files);
    return folder;
  };
  const { forms, changes } = await convertSmall(body, format, graph, examples, limit, put);
  const { functions, ...rest } = await checked(work, folder, Number.POSITIVE_INFINITY);
  const named = functions.map((each) => {
    const form = forms.get(each.name)!;
    return form === limit.quantise ? each : { ...each, quantise: form };
  });
  return writeReport({ ...work, quantise: limit.quantise, changes }, folder, { ...rest, functions: named });
}

/** Writes the report beside the files that it tells of. */
async function writeReport(
  { body, format, examples, quantise, changes, withPrepare }: Work,
  folder: string,
  findings: Pick<ExportReport, 'checkedBy' | 'missing' | 'functions'>,
): Promise<ExportReport> {
  const report: ExportReport = {
    format: format.kind,
    bytes: await bytesIn(folder),
    ...(quantise === undefined ? {} : { quantise, changes: changes! }),
    ...findings,
  };
  const tasks = examples.map((each) => taskManifest(body, each));
  await copyFile(READER, join(folder, basename(READER)));
  const write = async (told: ExportReport) => {
    const text = `${JSON.stringify({ ...told, tasks }, compactNumbers, 1)}\n`;
    await writeFile(join(folder, REPORT), text);
    return text;
  };
  const text = await write(report);
  if (!withPrepare) return report;
  await copyFile(await moduleFile(), join(folder, MODULE));
  const whole = { ...report, module: await checkModule(text) };
  await write(whole);
  return whole;
}

/** Writes files into a folder. */
async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** The bytes of all files in a folder. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => stat(join(parentPath, name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

async function checked(
  { body, format, graph, examples, instead }: Work,
  folder: string,
  tolerance = TOLERANCE,
): Promise<Pick<ExportReport, 'checkedBy' | 'missing' | 'functions'>> {
  const opened = await format.open(folder, graph);
  if (opened === undefined) return { missing: format.missing, functions: functionsOf(graph) };
  try {
    const findings = await checkExport(body, graph, opened, examples, { instead, tolerance });
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
