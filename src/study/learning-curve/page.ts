import { writeFile } from 'node:fs/promises';
import { learningCurveSpec, page, plot } from '../../report/index.ts';
import type { LearningCurveResult } from './result.ts';
import { CURVE_NOTES, curveTable } from './tables.ts';

/** Writes a page about the learning curves of a task. */
export async function writePage(path: string, result: LearningCurveResult): Promise<void> {
  const { task, metric, rows, findings, target } = result;
  const curves = rows.map(({ way, sizes, curve }) => ({
    name: way,
    points: sizes.flatMap(({ examples, values }) => values.map((value) => ({ examples, value }))),
    fit: curve,
  }));
  const picture = await plot(learningCurveSpec(`${task} ${metric}`, metric, curves, target));
  const sections = [
    { title: 'What follows', text: findings.join(' ') },
    {
      title: 'Learning curves',
      text: `${CURVE_NOTES} A dot is one training; the band is that of the curve.${target === undefined ? '' : ' The dashed line is the target.'}`,
      pictures: [picture],
      tables: [curveTable(result)],
    },
  ];
  await writeFile(path, page(`Learning curve of ${task}`, sections));
}
