import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { type BuiltTask, baselineInput, pickInput, placeOfPart } from '../../network/index.ts';
import { type Design, denseDesign, sparseDesign } from './design.ts';
import { type Terms, tfIdf } from './tf-idf.ts';

/** What a linear model sees of an example: numbers, or names of what occurs. */
export type Features = Float32Array | Terms;

/** Gives what a linear model sees of an example: of several inputs, the numbers or names of all. */
export function featuresOf({ name, input }: BuiltTask, raw: unknown, place: string): Features {
  const parts = input.parts.map((part) => {
    const [picked, partPlace] = [pickInput(name, input, part, raw, place), placeOfPart(part, place)];
    return baselineInput(name, part.stem.implementation, picked, partPlace);
  });
  if (parts.length === 1) return parts[0]!;
  const numbers = parts.filter((part) => part instanceof Float32Array);
  if (numbers.length === parts.length) return Float32Array.from(numbers.flatMap((part) => [...part]));
  if (numbers.length > 0) throw unlike(name, 'numbers and names');
  return parts.flatMap((part, i) => Array.from(part as Terms, (term) => `${input.parts[i]!.name}: ${term}`));
}

/** Puts training and test examples into numbers, and gives what frees them. */
export function designs(
  task: string,
  training: readonly Features[],
  test: readonly Features[],
): [training: Design, test: Design, free: () => void] {
  const all = [...training, ...test];
  if (all.every((features) => features instanceof Float32Array)) {
    const columns = all[0]!.length;
    const other = all.find(({ length }) => length !== columns);
    if (other !== undefined) throw unlike(task, `${columns} and ${other.length} numbers`);
    const matrices = tf.tidy(() => {
      const [trainingRows, testRows] = [training, test].map((rows) =>
        tf.tensor2d(concatenate(rows as readonly Float32Array[], columns), [rows.length, columns]),
      ) as [tf.Tensor2D, tf.Tensor2D]; // [examples, columns]
      const standard = standardise(trainingRows);
      return [standard(trainingRows), standard(testRows)] as const;
    });
    return [denseDesign(matrices[0]), denseDesign(matrices[1]), () => tf.dispose([...matrices])];
  }
  if (all.some((features) => features instanceof Float32Array)) throw unlike(task, 'numbers and names');
  const { columns, row } = tfIdf(training as readonly Terms[]);
  const [trainingDesign, testDesign] = [training, test].map((rows) =>
    sparseDesign((rows as readonly Terms[]).map(row), columns),
  );
  return [trainingDesign!, testDesign!, () => undefined];
}

const unlike = (task: string, received: string) =>
  new BanyanError(
    'shape',
    `Task "${task}": its stem's baseline() gave ${received}, expected the same number of numbers for all examples, or names for all. Let baseline() give the same form for all.`,
  );

function concatenate(inputs: readonly Float32Array[], columns: number): Float32Array {
  const values = new Float32Array(inputs.length * columns);
  for (const [i, input] of inputs.entries()) values.set(input, i * columns);
  return values;
}

/** Each column to mean 0 and deviation 1 by these rows; what is rare in a column that hardly varies is kept within five. */
function standardise(training: tf.Tensor2D): (rows: tf.Tensor2D) => tf.Tensor2D {
  const { mean, variance } = tf.moments(training, 0); // [columns]
  const inverse = variance.add(1e-12).rsqrt(); // [columns]
  return (rows) => rows.sub(mean).mul(inverse).clipByValue(-5, 5) as tf.Tensor2D; // [examples, columns]
}
