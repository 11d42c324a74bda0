import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';
import { type BuiltStem, decodeOutput, internals, type Network, outputsOf } from '../../network/index.ts';
import { blaming } from '../../task/blame.ts';

/** Predicts for files, which the task's stem reads. @throws BanyanError as `readInputs`. */
export async function predictFiles(network: Network, task: string, files: readonly string[]): Promise<unknown[]> {
  const inputs = await readInputs(task, internals(network).body.task(task).stem, files);
  const { body, lease } = internals(network);
  const built = body.task(task);
  const outputs = await lease.use(() => outputsOf(body, built, inputs, { placeOf: (i) => files[i]! }));
  return outputs.map((output, i) => decodeOutput(built, output, files[i]!));
}

/**
 * Reads files by the stem of a task.
 * @throws BanyanError `plugin` for a stem that reads no files, `data` for a file that cannot be read.
 */
export async function readInputs(
  task: string,
  { scope, implementation }: Pick<BuiltStem, 'scope' | 'implementation'>,
  files: readonly string[],
): Promise<unknown[]> {
  if (implementation.readFile === undefined) {
    throw new BanyanError(
      'plugin',
      `Task "${task}": its stem cannot read files, expected a stem with readFile(path). Add readFile to the stem, or call network.predict from a program.`,
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
