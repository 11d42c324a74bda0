import { formatCount, renderTable, type Table } from '../../report/index.ts';
import type { LearningCurveResult } from './result.ts';

const right = (title: string) => ({ title, align: 'right' as const });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Makes a table with a row for each number of examples. */
export function curveTable({ metric, rows }: LearningCurveResult): Table {
  const columns = [right('examples'), ...rows.map(({ way }) => right(`${metric} ${way}`))];
  const sizes = rows[0]!.sizes.map(({ examples }) => examples);
  return {
    columns,
    rows: sizes.map((examples, i) => [
      formatCount(examples),
      ...rows.map(({ sizes: measured }) => {
        const { values } = measured[i]!;
        return `${mean(values).toFixed(4)} (${Math.min(...values).toFixed(4)} to ${Math.max(...values).toFixed(4)})`;
      }),
    ]),
  };
}

export const CURVE_NOTES =
  'Means over the seeds, with the least and the greatest. Intervals are of 95 %, by a parametric bootstrap of a power law with a floor.';

/** Says learning curves for people: what was measured, and what follows. */
export function learningCurveText(result: LearningCurveResult): string {
  const { columns, rows } = curveTable(result);
  return [renderTable(columns, rows), CURVE_NOTES, result.findings.join('\n')].join('\n\n');
}
