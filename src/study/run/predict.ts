import { BanyanError } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';
import { fileError } from '../../files/file-error.ts';
import { decodeOutput, type Network } from '../../network/index.ts';
import { renderTable } from '../../report/index.ts';
import { blaming } from '../../task/blame.ts';

const SHOWN = 3;

/** Predictions for files, read by the task's stem. */
export async function predictFiles(network: Network, task: string, files: readonly string[]): Promise<unknown[]> {
  const { scope, implementation } = network.body.task(task).stem;
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
  const built = network.body.task(task);
  const outputs = await network.outputs(task, inputs, { placeOf: (i) => files[i]! });
  return outputs.map((output, i) => decodeOutput(built, output, files[i]!));
}

/** Typed arrays as plain ones. */
function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

export function predictionJson(file: string, prediction: unknown): string {
  return JSON.stringify({ file, prediction }, plain);
}

interface Classified {
  readonly class: number;
  readonly label?: string;
  readonly probabilities: ArrayLike<number>;
}

function isClassified(prediction: unknown): prediction is Classified {
  return (
    typeof prediction === 'object' && prediction !== null && 'class' in prediction && 'probabilities' in prediction
  );
}

/** Names of all classes: a prediction names its own class alone, so the head is asked for one of each. */
export function classNames(network: Network, task: string, prediction: unknown): readonly string[] {
  if (!isClassified(prediction) || prediction.label === undefined) return [];
  const built = network.body.task(task);
  return Array.from(prediction.probabilities, (_, index) => {
    const certain = new Float32Array(prediction.probabilities.length);
    certain[index] = 1;
    const decoded = decodeOutput(built, certain, `class ${index}`);
    return (isClassified(decoded) && decoded.label) || `class ${index}`;
  });
}

/** The three likeliest classes, or whatever the prediction is. */
export function predictionText(file: string, prediction: unknown, names: readonly string[] = []): string {
  if (!isClassified(prediction)) return `${file}\n${JSON.stringify(prediction, plain)}`;
  const rows = Array.from(prediction.probabilities, (probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN)
    .map(({ probability, index }) => [names[index] ?? `class ${index}`, `${(100 * probability).toFixed(1)} %`]);
  return renderTable([{ title: file }, { title: '', align: 'right' }], rows);
}
