import type { TrainingEvent } from '../../train/events.ts';

/** A point is one value of a line. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** A line is a curve that is drawn in one colour. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

type EventOf<Kind extends TrainingEvent['kind']> = Extract<TrainingEvent, { readonly kind: Kind }>;

/** Picks the events of one kind. */
export const eventsOf = <Kind extends TrainingEvent['kind']>(events: readonly TrainingEvent[], kind: Kind) =>
  events.filter((event): event is EventOf<Kind> => event.kind === kind);

/** Makes a line for each name that has a value somewhere. What JSON could not hold, NaN and infinity, is left out. */
export function linesOf(
  rows: readonly { step: number; values: Readonly<Record<string, number | undefined>> }[],
): readonly Line[] {
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  return names.flatMap((name) => {
    const points = rows.flatMap(({ step, values: { [name]: value } }) =>
      value === undefined || !Number.isFinite(value) ? [] : [{ step, value }],
    );
    return points.length === 0 ? [] : [{ name, points }];
  });
}

/** A mean takes this share of the points to each side. */
const WINDOW = 1 / 40;

/** Replaces each point by the mean of those around it: a twentieth of all, fewer at the ends. */
export function smoothed({ name, points }: Line): Line {
  const reach = Math.round(WINDOW * points.length);
  const sums = [0];
  for (const { value } of points) sums.push(sums.at(-1)! + value);
  return {
    name,
    points: points.map(({ step }, i) => {
      const [from, to] = [Math.max(0, i - reach), Math.min(points.length, i + reach + 1)];
      return { step, value: (sums[to]! - sums[from]!) / (to - from) };
    }),
  };
}

/** A picture has room for fewer points than these. */
const MOST = 400;

/** Draws the same line from fewer points, the last one always. */
export function thinned({ name, points }: Line): Line {
  const every = Math.ceil(points.length / MOST);
  return { name, points: points.filter((_, i) => i % every === 0 || i === points.length - 1) };
}
