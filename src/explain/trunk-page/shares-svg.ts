import { captioned, escaped, INK, LETTER, LINE } from '../draw/svg.ts';
import type { BlockShares } from '../trunk/unit-shares.ts';

/** The colours of tasks, those of tableau10. */
const COLOURS = ['#4c78a8', '#f58518', '#54a24b', '#e45756', '#72b7b2', '#b279a2'];
const [WIDTH, HEIGHT, GAP] = [420, 64, 10];

export const colourOf = (task: number): string => COLOURS[task % COLOURS.length]!;

/** How far shares lie from equal ones, in the mean over the units: 0 where all tasks share all alike. */
export function spreadOf(shares: readonly (readonly number[])[]): number {
  const distances = shares.map((each) => each.reduce((sum, share) => sum + Math.abs(share - 1 / each.length), 0) / 2);
  return distances.reduce((sum, distance) => sum + distance / distances.length, 0);
}

/** Draws a block's units side by side, each filled by the tasks' shares; below it the same for shuffled labels. */
export function sharesSvg({ block, shares, control }: BlockShares, tasks: readonly string[]): string {
  let x = 0;
  const legend = tasks.map((task, k) => {
    const entry = `<rect x="${x}" y="2" width="12" height="12" fill="${colourOf(k)}"/><text x="${x + 18}" y="13" fill="${INK}">${escaped(task)}</text>`;
    x += 18 + LETTER * task.length + 20;
    return entry;
  });
  const rows = [
    { name: 'labels as they are', units: shares },
    { name: 'shuffled labels', units: control },
  ].map(({ name, units }, r) => {
    const top = LINE + r * (HEIGHT + GAP);
    const words = `${name}: ${spreadOf(units).toFixed(3)}`;
    return `${unitsSvg(units, top)}<text x="${WIDTH + GAP}" y="${top + HEIGHT / 2}" fill="${INK}">${escaped(words)}</text>`;
  });
  const width = Math.max(x, WIDTH + GAP + LETTER * 'labels as they are: 0.000'.length);
  const caption = `block ${block + 1}: whose the units are, and how unequally`;
  return captioned(width, LINE + 2 * (HEIGHT + GAP), caption, [...legend, ...rows].join(''));
}

/** The units in the order of the first task's share. */
function unitsSvg(units: readonly (readonly number[])[], top: number): string {
  const step = WIDTH / units.length;
  const bars = units
    .toSorted((a, b) => b[0]! - a[0]!)
    .flatMap((shares, u) => {
      let y = top;
      return shares.map((share, k) => {
        const height = share * HEIGHT;
        const bar = `<rect x="${(u * step).toFixed(2)}" y="${y.toFixed(2)}" width="${step.toFixed(2)}" height="${height.toFixed(2)}" fill="${colourOf(k)}"/>`;
        y += height;
        return bar;
      });
    });
  return bars.join('');
}
