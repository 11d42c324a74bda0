import { BanyanError } from 'banyan-ml';

/** The names of the numbers that `dateParts` gives, in their order. */
export const DATE_PARTS = [
  'year',
  'month sine',
  'month cosine',
  'day sine',
  'day cosine',
  'weekday sine',
  'weekday cosine',
  'hour sine',
  'hour cosine',
] as const;

const MINUTES = 24 * 60;

/**
 * Parts a moment into numbers, in UTC, by the names of `DATE_PARTS`: the year with the part of it that has gone by, such as 2024.5, and as points
 * on a circle, so that the last is beside the first, the month, the day of the month, the weekday and the time of day. All of them are
 * undefined where there is no date.
 * @throws BanyanError `data` for a date that is none.
 */
export function dateParts(date: Date | undefined | null): readonly (number | undefined)[] {
  if (date === undefined || date === null) return DATE_PARTS.map(() => undefined);
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
    throw new BanyanError(
      'data',
      `dateParts: expected a Date, received ${date instanceof Date ? 'one that is invalid' : JSON.stringify(date)}. Give a valid one, such as new Date("2024-03-01"), or undefined where it is missing.`,
    );
  }
  const year = date.getUTCFullYear();
  const [start, end] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
  const month = date.getUTCMonth();
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const shares = [
    month / 12,
    (date.getUTCDate() - 1) / days,
    date.getUTCDay() / 7,
    (60 * date.getUTCHours() + date.getUTCMinutes()) / MINUTES,
  ];
  const circle = (share: number) => [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)];
  return [year + (date.getTime() - start) / (end - start), ...shares.flatMap(circle)];
}
