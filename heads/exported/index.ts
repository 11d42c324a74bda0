// The ES module that goes along with an export, for browsers and Node: what a network does before its functions and after them. It is bundled
// into one file without TensorFlow (src/export/module), so nothing that it imports may need more than errors and hashes of the framework.
import { BanyanError, type TypedArray } from 'banyan-ml';
import { DECODINGS } from './decodings.ts';
import {
  type ExportedExample,
  type ExportedFunction,
  type ExportedTask,
  type ExportedTensor,
  type ExportManifest,
  type HostTensor,
  revived,
} from './manifest.ts';
import { PREPARATIONS } from './preparations.ts';

/** A task of an export. */
export interface Task {
  readonly name: string;
  /** Whether all of its inputs can be prepared here. */
  readonly prepares: boolean;
  /** Whether its outputs can be decoded here. */
  readonly decodes: boolean;
  /** Examples as the network's source gave them, with what it made of them. */
  readonly examples: readonly ExportedExample[];
  /**
   * Makes the inputs of the task's function, by name, for a batch of raw examples; of several inputs, each example has them by name.
   * @throws BanyanError where no kind of preparation is declared, and for examples that are none.
   */
  prepare(examples: readonly unknown[]): Readonly<Record<string, HostTensor>>;
  /**
   * Says what the function's outputs mean, an example each. `outputs`: the numbers of each output by its name, example after example; of a task that
   * writes `symbols`, so many for each example as can be written.
   * @throws BanyanError where no kind of decoding is declared, and for outputs of another size.
   */
  decode(outputs: Readonly<Record<string, ArrayLike<number>>>): readonly unknown[];
}

/** An export, by what `banyan-export.json` in it says. */
export interface Export {
  readonly tasks: readonly Task[];
  /** @throws BanyanError for a task that there is not. */
  task(name: string): Task;
}

/** Opens an export by its `banyan-export.json`, parsed. */
export function openExport({ functions, tasks: manifests }: ExportManifest): Export {
  const tasks = manifests.map((manifest) =>
    openTask(
      manifest,
      functions.filter(({ task }) => task === manifest.name),
    ),
  );
  return {
    tasks,
    task: (name) => {
      const task = tasks.find((each) => each.name === name);
      if (task !== undefined) return task;
      const names = tasks.map((each) => each.name).join(', ');
      throw new BanyanError(
        'argument',
        `There is no task "${name}" in this export, expected one of ${names}. Name one.`,
      );
    },
  };
}

function openTask(manifest: ExportedTask, functions: readonly ExportedFunction[]): Task {
  const { name } = manifest;
  const { inputs, outputs } = functions[0]!;
  const preparers = inputs.map((input) => preparerOf(manifest, input));
  const decodeSample = decoderOf(manifest);
  return {
    name,
    prepares: preparers.every((prepare) => prepare !== undefined),
    decodes: decodeSample !== undefined,
    get examples() {
      return manifest.examples.map((example) => ({ ...example, raw: rawOf(manifest, revived(example.raw)) }));
    },
    prepare: (examples) =>
      Object.fromEntries(
        inputs.map((input, i) => {
          const prepare = preparers[i];
          if (prepare === undefined)
            throw undeclared(name, `the preparation of its input "${input.name}"`, 'Prepare it');
          const raws = examples.map((raw) =>
            inputs.length === 1 ? raw : (raw as Readonly<Record<string, unknown>>)[input.name],
          );
          return [input.name, batchOf(name, input, raws.map(prepare))];
        }),
      ),
    decode: (results) => {
      if (decodeSample === undefined) throw undeclared(name, 'the decoding of its outputs', 'Decode them');
      const { writes } = manifest;
      if (writes !== undefined) {
        return rowsOf(name, results, 'symbols', writes.longest).map((row) => {
          // Nothing but the end and what fills up stands behind the last symbol.
          const end = row.findIndex((symbol) => symbol === writes.end || symbol === 0);
          return decodeSample(end < 0 ? row : row.subarray(0, end));
        });
      }
      const columns = outputs.map((output) => {
        const row = output.shape.slice(1).reduce((a, b) => a * b, 1);
        return [output.name, rowsOf(name, results, output.name, row)] as const;
      });
      const [[only, rows]] = columns as [(typeof columns)[number]];
      if (columns.length === 1 && only === 'output') return rows.map(decodeSample);
      return rows.map((_, i) => decodeSample(Object.fromEntries(columns.map(([key, column]) => [key, column[i]!]))));
    },
  };
}

function preparerOf(manifest: ExportedTask, { name }: ExportedTensor) {
  const declared = manifest.prepare[name];
  const make = declared && PREPARATIONS[declared.kind];
  if (make === undefined) return undefined;
  const settings = { ...manifest.inputs[name], ...declared } as never;
  return make(settings, manifest.name) as (raw: unknown) => TypedArray;
}

function decoderOf({ decode, head }: ExportedTask) {
  const make = decode && DECODINGS[decode.kind];
  return make?.({ ...head, ...decode } as never) as ((output: unknown) => unknown) | undefined;
}

/** A raw example as the stem takes it: JSON has no dates. */
function rawOf({ prepare, inputs }: ExportedTask, raw: unknown): unknown {
  const several = Object.keys(inputs).length > 1;
  const datesOf = (cells: readonly (string | null)[]) =>
    cells.map((cell) => (cell === null ? undefined : new Date(cell)));
  const convert = (name: string, part: unknown) =>
    prepare[name]?.kind === 'dates' ? datesOf(part as readonly (string | null)[]) : part;
  if (!several) return convert(Object.keys(inputs)[0]!, raw);
  return Object.fromEntries(Object.entries(raw as object).map(([name, part]) => [name, convert(name, part)]));
}

/** One tensor of the prepared examples, each filled up with 0 to the shape that the function takes. */
function batchOf(task: string, { name, shape, dtype }: ExportedTensor, rows: readonly TypedArray[]): HostTensor {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const floats = dtype === 'float32';
  const values = floats ? new Float32Array(rows.length * size) : new Int32Array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    if (row.length > size || row instanceof Float32Array !== floats) {
      const received = `${row.length} as ${row.constructor.name.replace('Array', '')}`;
      throw new BanyanError(
        'shape',
        `Task "${task}": its input "${name}" takes ${size} numbers as ${dtype}, received ${received}. Give examples of the kind that the network was exported with.`,
      );
    }
    values.set(row, i * size);
  }
  return { shape: [rows.length, ...shape.slice(1)], dtype: floats ? 'float32' : 'int32', values };
}

/** The numbers of each sample of an output. */
function rowsOf(
  task: string,
  results: Readonly<Record<string, ArrayLike<number>>>,
  name: string,
  row: number,
): readonly Float32Array[] {
  const numbers = results[name];
  if (numbers === undefined || numbers.length % row !== 0) {
    throw new BanyanError(
      'shape',
      `Task "${task}": expected its output "${name}" with ${row} numbers for each example, received ${numbers === undefined ? `outputs ${Object.keys(results).join(', ') || 'without a name'}` : `${numbers.length} numbers`}. Give what the function gives.`,
    );
  }
  const all = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  return Array.from({ length: all.length / row }, (_, i) => all.slice(i * row, (i + 1) * row));
}

const undeclared = (task: string, what: string, mend: string): BanyanError =>
  new BanyanError(
    'argument',
    `Task "${task}": ${what} is not one of the kinds that this module knows. ${mend} by a program of your own, by the settings in banyan-export.json.`,
  );

export { BanyanError, revived };
