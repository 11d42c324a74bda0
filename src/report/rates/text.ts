import type { RateCurve } from '../../train/index.ts';
import { formatFigure } from '../format.ts';
import { boundsOf } from './bounds.ts';
import { endingText, formatRate, proposalText } from './words.ts';

const HEIGHT = 12;
const LABEL = 9;

/**
 * Draws the curve of all tasks with letters, for a terminal of so many columns, and says what follows from it; of a curve without a step it says
 * that alone.
 */
export function rateText(curve: RateCurve, width = 72): string {
  const { rates, total, found } = curve;
  const conclusion = [proposalText(curve), endingText(curve)];
  if (rates.length === 0) return conclusion.join('\n');
  const columns = Math.max(10, width - LABEL - 2);
  const logs = rates.map(Math.log);
  const [left, right] = [logs[0]!, logs.at(-1)!];
  const columnOf = (rate: number) =>
    right === left ? 0 : Math.round(((Math.log(rate) - left) / (right - left)) * (columns - 1));
  const { least, most } = boundsOf(total);
  const rowOf = (loss: number) =>
    Math.round(((most - Math.max(least, Math.min(loss, most))) / (most - least)) * (HEIGHT - 1));
  const cells = Array.from({ length: HEIGHT }, () => Array.from({ length: columns }, () => ' '));
  const proposed = found && columnOf(found.proposal);
  if (proposed !== undefined) for (const row of cells) row[proposed] = '┊';
  for (const [i, rate] of rates.entries())
    if (Number.isFinite(total[i])) cells[rowOf(total[i]!)]![columnOf(rate)] = '•';
  const labels = new Map([
    [0, formatFigure(most)],
    [HEIGHT - 1, formatFigure(least)],
  ]);
  const lines = cells.map((row, i) => `${(labels.get(i) ?? '').padStart(LABEL)} │${row.join('').trimEnd()}`);
  const [first, last] = [formatRate(rates[0]!), formatRate(rates.at(-1)!)];
  const ends = `${first}${last.padStart(Math.max(last.length + 1, columns - first.length))}`;
  return [
    `${'loss'.padStart(LABEL)}`,
    ...lines,
    `${' '.repeat(LABEL)} └${'─'.repeat(columns)}`,
    `${' '.repeat(LABEL + 2)}${ends} learning rate`,
    '',
    ...conclusion,
  ].join('\n');
}
