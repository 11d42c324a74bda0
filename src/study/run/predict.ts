import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';
import { didYouMean } from '../../nearest.ts';
import {
  type BuiltStem,
  type BuiltTask,
  decodeOutput,
  internals,
  type Network,
  outputsOf,
} from '../../network/index.ts';
import { blaming } from '../../task/blame.ts';

/** What a network says of a file, or of several that are the inputs of one example. */
export interface FilePrediction {
  /** The file, or each as NAME=FILE. */
  readonly file: string;
  readonly prediction: unknown;
}

/** How heads write that do: see `PredictOptions.beam` of a network. */
export interface BeamOption {
  readonly beam?: number | undefined;
}

/** The option for a task, where any of several may be asked: those that write nothing have none. */
export const beamFor = (network: Network, task: string, { beam }: BeamOption): BeamOption =>
  internals(network).body.task(task).head.writes === undefined ? {} : { beam };

/**
 * Predicts for files, which the task's stem reads. For a task of several inputs each is NAME=FILE, and the first files of all names are
 * one example, then the second.
 * @throws BanyanError `plugin` for a stem that reads no files, `data` for a file, `argument` for names that are not the task's.
 */
export async function predictFiles(
  network: Network,
  task: string,
  files: readonly string[],
  { beam }: BeamOption = {},
): Promise<readonly FilePrediction[]> {
  const { body, lease } = internals(network);
  const examples = await readExamples(body.task(task), files);
  const built = body.task(task);
  const inputs = examples.map(({ input }) => input);
  const placeOf = (i: number) => examples[i]!.file;
  const outputs = await lease.use(() => outputsOf(body, built, inputs, { placeOf, beam }));
  return outputs.map((output, i) => ({ file: placeOf(i), prediction: decodeOutput(built, output, placeOf(i)) }));
}

/** Raw inputs that were read from files. */
export interface FileExample {
  readonly file: string;
  readonly input: unknown;
}

/** Reads files as the examples of a task. @throws BanyanError as `predictFiles`. */
export async function readExamples(task: BuiltTask, files: readonly string[]): Promise<readonly FileExample[]> {
  const { parts } = task.input;
  if (task.definition.stems === undefined) {
    const inputs = await readInputs(task.name, parts[0]!.stem, files);
    return files.map((file, i) => ({ file, input: inputs[i] }));
  }
  const records = recordsOf(task, files);
  const read = new Map<string, readonly unknown[]>();
  for (const { name = '', stem } of parts) {
    const ofName = records.map((record) => record.get(name)!);
    read.set(name, await readInputs(task.name, stem, ofName, `its stem "${name}"`));
  }
  return records.map((record, i) => ({
    file: Array.from(record, ([name, file]) => `${name}=${file}`).join(' '),
    input: Object.fromEntries(Array.from(read, ([name, inputs]) => [name, inputs[i]])),
  }));
}

/**
 * Reads files by the stem of a task. `what`: what an error calls the stem.
 * @throws BanyanError `plugin` for a stem that reads no files, `data` for a file that cannot be read.
 */
export async function readInputs(
  task: string,
  { scope, implementation }: Pick<BuiltStem, 'scope' | 'implementation'>,
  files: readonly string[],
  what = 'its stem',
): Promise<unknown[]> {
  if (implementation.readFile === undefined) {
    throw new BanyanError(
      'plugin',
      `Task "${task}": ${what} cannot read files, expected a stem with readFile(path). Add readFile to the stem, or call network.predict from a program.`,
    );
  }
  const inputs: unknown[] = [];
  for (const file of files) {
    assertFile('data', file);
    inputs.push(
      await blaming(`${scope}: readFile() of ${file}`, 'an input', async () =>
        implementation.readFile!(file).catch((cause: unknown) => {
          throw fileError('data', file, 'read', cause);
        }),
      ),
    );
  }
  return inputs;
}

/** Sorts NAME=FILE into records: the first file of each name is in the first one, and so on. */
function recordsOf(task: BuiltTask, files: readonly string[]): readonly ReadonlyMap<string, string>[] {
  const names = task.input.parts.map(({ name }) => name!);
  const byName = new Map(names.map((name) => [name, [] as string[]]));
  for (const text of files) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0));
    const list = byName.get(name);
    if (at >= 0 && list !== undefined) list.push(text.slice(at + 1));
    else {
      throw new BanyanError(
        'argument',
        `Task "${task.name}" has several inputs, received ${text}, expected NAME=FILE with a name of: ${names.join(', ')}. ${didYouMean(name, names, 'Say which input each file is.')}`,
      );
    }
  }
  const [first = []] = byName.values();
  if ([...byName.values()].every(({ length }) => length === first.length))
    return first.map((_, i) => new Map(names.map((name) => [name, byName.get(name)![i]!])));
  const received = Array.from(byName, ([name, { length }]) => `${length} of ${name}`).join(', ');
  throw new BanyanError(
    'argument',
    `Task "${task.name}": received ${received}, expected as many files of each input. Give one of each for every example.`,
  );
}

/** What a classifier predicts. */
export interface Classified {
  readonly class: number;
  readonly label?: string;
  readonly probabilities: ArrayLike<number>;
}

export function isClassified(prediction: unknown): prediction is Classified {
  return (
    typeof prediction === 'object' && prediction !== null && 'class' in prediction && 'probabilities' in prediction
  );
}

/** Finds the names of all classes: a prediction names its own class alone, so the head is asked for one of each. */
export function classNames(network: Network, task: string, prediction: unknown): readonly string[] {
  if (!isClassified(prediction) || prediction.label === undefined) return [];
  const built = internals(network).body.task(task);
  return Array.from(prediction.probabilities, (_, index) => {
    const certain = new Float32Array(prediction.probabilities.length);
    certain[index] = 1;
    const decoded = decodeOutput(built, certain, `class ${index}`);
    return (isClassified(decoded) && decoded.label) || `class ${index}`;
  });
}
