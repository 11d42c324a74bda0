import { isClassified } from './predict.ts';

/** A prediction as cells of a table's row, by the names of their columns. */
export type PredictionCells = Readonly<Record<string, unknown>>;

/**
 * Spreads a task's prediction over columns: `TASK_predicted`, and for a class, or tags, the probability of each as `TASK_probability_CLASS`. Of a
 * prediction of several parts the first column has its `value` or `text`, and each other part is `TASK_PART`.
 * @param classes the names of the classes, where the task has such.
 */
export function predictionCells(task: string, prediction: unknown, classes: readonly string[]): PredictionCells {
  const predicted = `${task}_predicted`;
  if (isClassified(prediction)) {
    const { probabilities, label, class: index } = prediction;
    return { [predicted]: label ?? index, ...probabilityCells(task, probabilities, classes) };
  }
  if (isTagged(prediction)) {
    return { [predicted]: prediction.tags, ...probabilityCells(task, prediction.probabilities, prediction.names) };
  }
  if (!isParts(prediction)) return { [predicted]: plain(prediction) };
  return Object.fromEntries(
    Object.entries(prediction).map(([name, part]) => [
      name === 'value' || name === 'text' ? predicted : `${task}_${name}`,
      plain(part),
    ]),
  );
}

const probabilityCells = (task: string, probabilities: ArrayLike<number>, names: readonly string[]): PredictionCells =>
  Object.fromEntries(
    Array.from(probabilities, (probability, i) => [
      `${task}_probability_${names[i] ?? i}`,
      Number(probability.toPrecision(6)),
    ]),
  );

/** What a head of tags predicts. */
interface Tagged {
  readonly tags: readonly string[];
  readonly probabilities: ArrayLike<number>;
  readonly names: readonly string[];
}

const isTagged = (prediction: unknown): prediction is Tagged =>
  isParts(prediction) && ['tags', 'probabilities', 'names'].every((part) => part in prediction);

const isParts = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

const plain = (value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
