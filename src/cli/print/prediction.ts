import { renderTable } from '../../report/index.ts';
import { isClassified } from '../../study/run/predict.ts';
import type { FilePredictions } from '../../study/run/predict-all.ts';

/** Classes that are told. */
const SHOWN = 3;

/** Typed arrays as plain ones. */
function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

/** Says a prediction as JSON. */
export function predictionJson(file: string, prediction: unknown): string {
  return JSON.stringify({ file, prediction }, plain);
}

/** Says what all tasks predict as JSON. */
export function allPredictionsJson({ file, predictions }: FilePredictions): string {
  return JSON.stringify({ file, predictions }, plain);
}

/** Says the three likeliest classes, or whatever the prediction is. */
export function predictionText(file: string, prediction: unknown, names: readonly string[] = []): string {
  const lines = linesOf(prediction, names);
  if (typeof lines === 'string') return `${file}\n${lines}`;
  return renderTable([{ title: file }, { title: '', align: 'right' }], lines);
}

/** Says what each task predicts, below one another. `names`: of the classes, by task. */
export function allPredictionsText(
  { file, predictions }: FilePredictions,
  names: ReadonlyMap<string, readonly string[]>,
): string {
  const rows = Object.entries(predictions).flatMap(([task, prediction]) => {
    const lines = linesOf(prediction, names.get(task) ?? []);
    if (typeof lines === 'string') return [[task, lines]];
    return lines.map((cells, i) => [i === 0 ? task : '', ...cells]);
  });
  return renderTable([{ title: file }, { title: '' }, { title: '', align: 'right' }], rows);
}

/** The three likeliest classes with their probabilities, or whatever else the prediction is in words. */
function linesOf(prediction: unknown, names: readonly string[]): readonly string[][] | string {
  if (!isClassified(prediction)) return JSON.stringify(prediction, plain);
  return Array.from(prediction.probabilities, (probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN)
    .map(({ probability, index }) => [names[index] ?? `class ${index}`, `${(100 * probability).toFixed(1)} %`]);
}
