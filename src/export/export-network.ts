import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { check, notNegative, oneOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import { fileError } from '../files/file-error.ts';
import { unlessMissing } from '../files/unless-missing.ts';
import { type AnyNetwork, internals } from '../network/index.ts';
import { examplesOf, type TaskExamples } from './examples.ts';
import type { Format, FormatName } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { savedModelWithVariables } from './formats/saved-model/variables.ts';
import { networkGraph } from './graph/network-graph.ts';
import type { Quantisation } from './quantise/store.ts';
import type { ExportReport } from './report.ts';
import { publish, writeConverted, writePlain, writeQuantised } from './write.ts';

/** Options of `exportNetwork`. */
export interface ExportOptions {
  readonly format: FormatName;
  /** The folder to make; it must not be there yet, or be empty. */
  readonly out: string;
  /** The names of the tasks to export. Default: all. */
  readonly tasks?: readonly string[];
  /** By task: raw inputs on which the export is checked. Default: the first eight of its source's test split. */
  readonly examples?: Readonly<Record<string, readonly unknown[]>>;
  /**
   * Stores the weights in fewer bits: `float16`, or whole numbers of 8 bits with a step for each weight's tensor (`int8`). `full-int8`, for
   * `tflite`, computes in 8 bits too, all but the stems. Default: float32.
   */
  readonly quantise?: Quantisation;
  /** Whether the weights of a `saved-model` are variables, in a checkpoint of TensorFlow's own. Default: constants in the graph. */
  readonly variables?: boolean;
  /** The part of its metric that a task may lose by that. Default 0.01. */
  readonly mayLose?: number;
  /**
   * Puts `banyan-export.mjs` into the folder, an ES module for browsers and Node that prepares examples and decodes outputs as the network does.
   * Default false.
   */
  readonly withPrepare?: boolean;
}

/** A point of a hundred. */
const MAY_LOSE = 0.01;

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
  const { format: kind, out, quantise, mayLose = MAY_LOSE, variables = false, withPrepare = false } = options;
  check('exportNetwork', { format: kind }, oneOf(...FORMATS.map((format) => format.kind)));
  const format = formatOf(kind, variables, quantise);
  if (quantise !== undefined) check(`exportNetwork as ${kind}`, { quantise }, oneOf(...format.quantisations));
  check('exportNetwork', { mayLose }, notNegative);
  const { body, lease } = internals(network);
  const names = options.tasks ?? body.tasks.map(({ name }) => name);
  const tasks = names.map((name) => body.task(name));
  const target = resolve(out);
  await assertFree(target, out);
  format.assertReady?.();
  return lease.use(async () => {
    const examples: TaskExamples[] = [];
    for (const task of tasks) examples.push(await examplesOf(body, task, options.examples?.[task.name]));
    const graph = await networkGraph(body, examples);
    const plain = { body, format, graph, examples, withPrepare };
    if (quantise === undefined) return publish(target, out, (folder) => writePlain(plain, folder));
    const small = format.converts ? writeConverted : writeQuantised;
    return publish(target, out, (folder) => small(plain, { quantise, mayLose }, folder));
  });
}

/** @throws BanyanError `argument` for variables in a form that has none, or of fewer bits. */
function formatOf(kind: FormatName, variables: boolean, quantise: Quantisation | undefined): Format {
  if (!variables) return FORMATS.find((each) => each.kind === kind)!;
  if (kind === 'saved-model' && quantise === undefined) return savedModelWithVariables;
  const received = quantise === undefined ? kind : `${quantise} weights`;
  throw new BanyanError(
    'argument',
    `exportNetwork: variables are of the form saved-model, in float32, received ${received}. Leave variables out.`,
  );
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
