import { renderTable } from '../../report/index.ts';
import { isClassified } from '../../study/run/predict.ts';

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

/** Says the three likeliest classes, or whatever the prediction is. */
export function predictionText(file: string, prediction: unknown, names: readonly string[] = []): string {
  if (!isClassified(prediction)) return `${file}\n${JSON.stringify(prediction, plain)}`;
  const rows = Array.from(prediction.probabilities, (probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN)
    .map(({ probability, index }) => [names[index] ?? `class ${index}`, `${(100 * probability).toFixed(1)} %`]);
  return renderTable([{ title: file }, { title: '', align: 'right' }], rows);
}
