import { BanyanError } from '../error.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  internals,
  measuredSplit,
  type NetworkBody,
  openSource,
} from '../network/index.ts';
import type { Split } from '../task/source.ts';
import { beginningOf, readBoth } from './baseline.ts';
import { designs, type Features, featuresOf } from './linear/features.ts';
import { scoresOf } from './linear/linear-model.ts';
import { ridgeRegression, type Targets } from './linear/ridge-regression.ts';
import { classify, softmaxRegression } from './linear/softmax-regression.ts';
import { nothingToCompare, numbersOf } from './mean-baseline.ts';
import { rmse } from './metrics/rmse.ts';

/**
 * Measures what a user would try first, without any network, on the test split (validation where there is none): of a classification the
 * accuracy of softmax regression, of numbers the root of the mean squared error of ridge regression (of a list, all its numbers together). It is
 * trained on up to 10,000 training examples, and sees what the stem says that it should (`Stem.baseline`), else the prepared numbers. Each
 * number is standardised by its training mean and deviation; where there are names of what occurs, or ids of examples of varying
 * length, they are weighed by TF-IDF. A tenth of the training examples chooses how strongly large weights are penalised; no other split is
 * looked at.
 * @throws BanyanError `argument` for a task with other targets, `data` for one without labelled examples, and `shape` for a stem whose
 * `baseline` is not alike for all examples.
 */
export async function linearBaseline(network: AnyNetwork, task: string): Promise<number> {
  const { body, lease } = internals(network);
  const { dtype, shape } = body.task(task).label;
  const isClass = dtype === 'int32' && shape.length === 0;
  return lease.use(() => (isClass ? accuracyOfClasses(body, task) : errorOfNumbers(body, task)));
}

async function accuracyOfClasses(body: NetworkBody, task: string): Promise<number> {
  const { built, training, test } = await readBoth(body, task, featuresOf);
  const classes = 1 + [...training.classes, ...test.classes].reduce((a, b) => Math.max(a, b));
  const [trainingDesign, testDesign, free] = designs(built.name, training.inputs, test.inputs);
  const guesses = classify(testDesign, softmaxRegression(trainingDesign, training.classes, classes));
  free();
  return test.classes.filter((label, i) => label === guesses[i]).length / test.classes.length;
}

async function errorOfNumbers(body: NetworkBody, task: string): Promise<number> {
  const built = body.task(task);
  await openSource(task, built.definition.source);
  const [training, test] = [
    await readNumbers(body, built, 'training'),
    await readNumbers(body, built, measuredSplit(built.definition.source)),
  ];
  if (training.inputs.length === 0 || test.inputs.length === 0) {
    throw nothingToCompare(task);
  }
  const [trainingDesign, testDesign, free] = designs(task, training.inputs, test.inputs);
  const predicted = scoresOf(testDesign, ridgeRegression(trainingDesign, training));
  free();
  const error = rmse();
  const { values, outputs } = test;
  for (let row = 0; row < test.inputs.length; row++) {
    const [from, to] = [row * outputs, (row + 1) * outputs];
    error.update(Array.from(values.subarray(from, to)), Array.from(predicted.subarray(from, to)));
  }
  return error.result();
}

/** Reads labelled examples and their numbers. */
async function readNumbers(
  body: NetworkBody,
  built: BuiltTask,
  split: Split,
): Promise<Targets & { readonly inputs: readonly Features[] }> {
  const inputs: Features[] = [];
  const numbers: number[] = [];
  let outputs: number | undefined;
  for await (const { examples, targets, placeOf } of beginningOf(body, built, split)) {
    for (const [i, { input }] of examples.entries()) {
      const target = targets[i];
      if (target === undefined) continue;
      const labels = numbersOf(built.name, target);
      outputs ??= labels.length;
      if (labels.length !== outputs) {
        throw new BanyanError(
          'data',
          `Task "${built.name}": ${placeOf(i)} has ${labels.length} numbers, expected ${outputs} as the examples before it. Give all the same number of numbers.`,
        );
      }
      numbers.push(...labels);
      inputs.push(featuresOf(built, input, placeOf(i)));
    }
  }
  return { inputs, values: Float64Array.from(numbers), outputs: outputs ?? 1 };
}
