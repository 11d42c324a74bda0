import picocolors from 'picocolors';
import { formatCount, formatDuration, formatFigure, formatPace } from './format.ts';
import { metricFigure, metricLabel, type Progress, partLabel, timeLeft } from './progress.ts';

/** A piece is text with how it looks; widths are counted before colours. */
export interface Piece {
  readonly text: string;
  readonly style?: 'dim' | 'bold' | 'green' | 'cyan';
}
export type Line = readonly Piece[];

const BAR_MOST = 40;
const BAR_LEAST = 8;

export function lineLength(line: Line): number {
  return line.reduce((sum, piece) => sum + piece.text.length, 0);
}

/** Cuts a line to a width, with `…` where something was lost. */
export function cut(line: Line, width: number): Line {
  if (lineLength(line) <= width) return line;
  if (width < 1) return [];
  const kept: Piece[] = [];
  let left = width - 1;
  for (const piece of line) {
    if (left <= 0) break;
    kept.push({ ...piece, text: piece.text.slice(0, left) });
    left -= piece.text.length;
  }
  return [...kept, { text: '…' }];
}

/** Gives the line as a terminal shows it. */
export function paint(line: Line, colors: boolean): string {
  const palette = picocolors.createColors(colors);
  return line.map(({ text, style }) => (style === undefined ? text : palette[style](text))).join('');
}

function bar(share: number, size: number): Line {
  const done = Math.round(Math.min(1, share) * size);
  return [
    { text: '━'.repeat(done), style: 'green' },
    { text: '─'.repeat(size - done), style: 'dim' },
  ];
}

/** Makes the live display: a bar, then a line for each task; no line is wider than `width` columns. */
export function renderFrame(progress: Progress, width: number): readonly Line[] {
  const { step, steps, tasks, pace, best } = progress;
  const share = steps === 0 ? 0 : step / steps;
  const left = timeLeft(progress);
  const counted = ` ${formatCount(step)}/${formatCount(steps)}  ${Math.floor(100 * share)} %`;
  const speed = pace === undefined ? '' : `  ${formatPace(pace)} a step`;
  const rest = left === undefined ? '' : progress.step === steps ? '' : `  ${formatDuration(left)} left`;
  const chosen = best === undefined ? '' : `  best at step ${formatCount(best)}`;
  const spare = width - counted.length - speed.length - rest.length - chosen.length - 1;
  const size = Math.min(BAR_MOST, Math.max(BAR_LEAST, spare));
  const head: Line = [
    ...bar(share, size),
    { text: counted, style: 'bold' },
    { text: speed },
    { text: rest, style: 'dim' },
    { text: chosen, style: 'dim' },
  ];

  const widest = Math.max(0, ...tasks.map((task) => task.name.length));
  const body = tasks.map(({ name, loss, part, metric, stopped, overfits }): Line => {
    const pieces: Piece[] = [
      { text: `${name.padEnd(widest)}  `, style: 'cyan' },
      { text: 'loss ', style: 'dim' },
    ];
    pieces.push({ text: formatFigure(loss).padEnd(7) });
    if (part !== undefined) pieces.push({ text: `  ${partLabel(part).padEnd(18)}`, style: 'dim' });
    if (metric !== undefined)
      pieces.push({ text: `  ${metricLabel(metric, step)} `, style: 'dim' }, { text: metricFigure(metric) });
    if (stopped !== undefined) pieces.push({ text: `  stopped at step ${formatCount(stopped)}`, style: 'bold' });
    if (overfits !== undefined) pieces.push({ text: `  overfits since step ${formatCount(overfits)}`, style: 'bold' });
    return pieces;
  });
  return [head, ...body].map((line) => cut(line, width));
}
