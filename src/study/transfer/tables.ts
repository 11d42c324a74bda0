import { formatCount, renderTable } from '../../report/index.ts';
import { shareText } from './plan.ts';
import { type Forgetting, intervalText, type TransferResult } from './result.ts';

const right = (title: string) => ({ title, align: 'right' as const });

function forgettingText(forgetting: Forgetting | undefined): string {
  if (forgetting === undefined) return '';
  if (forgetting.equal) return '0 (equal)';
  const points = (100 * forgetting.drop).toFixed(1);
  return `${points} ${points === '1.0' ? 'point' : 'points'}`;
}

/** Says the result of a transfer experiment for people: a table for each source and share, then the matrices. */
export function transferText({ seeds, groups, matrices }: TransferResult): string {
  const over = seeds.length === 1 ? 'one seed' : `${seeds.length} seeds, 95 % intervals by Student's t`;
  const parts = groups.flatMap(({ source, share, rows, findings }) => {
    const table = renderTable(
      [
        { title: 'target' },
        { title: 'method' },
        right('test'),
        right('transfer score'),
        right('forgetting'),
        right('seconds'),
        right('trained'),
      ],
      rows.map(({ target, method, test, score, forgetting, seconds, parameters }) => [
        target,
        method,
        `${test.mean.toFixed(3)}${test.halfWidth === undefined ? '' : ` ± ${test.halfWidth.toFixed(3)}`}`,
        score === undefined ? '' : intervalText(score),
        forgettingText(forgetting),
        seconds.toFixed(1),
        formatCount(parameters),
      ]),
    );
    return [`after ${source}, ${shareText(share)} of the training examples (${over})`, table, findings.join('\n')];
  });
  const tables = matrices.flatMap(({ share, sources, targets, scores }) =>
    sources.length === 0
      ? []
      : [
          `transfer score of the progressive column, ${shareText(share)} of the training examples`,
          renderTable(
            [{ title: 'source' }, ...targets.map(right)],
            sources.map((source, i) => [source, ...scores[i]!.map((score) => score?.toFixed(3) ?? '–')]),
          ),
        ],
  );
  return [...parts, ...tables].filter((part) => part !== '').join('\n\n');
}
