import { DATE_PARTS, dateParts } from 'banyan-ml/heads/table';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('dateParts', () => {
  it('gives the year with its part, and points on circles, in UTC', () => {
    // A Monday, half a leap year after its beginning.
    const parts = dateParts(new Date('2024-07-01T06:00:00Z'));
    const expected = [2024 + 182.25 / 366, 0, -1, 0, 1, Math.sin((2 * Math.PI) / 7), Math.cos((2 * Math.PI) / 7), 1, 0];
    expect(parts.length).toBe(DATE_PARTS.length);
    for (const [i, part] of parts.entries()) expect(part, DATE_PARTS[i]).toBeCloseTo(expected[i]!, 12);
  });

  it('grows with time, and keeps to its circles', () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') });
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        const [first, second] = [dateParts(a), dateParts(b)];
        if (a < b) expect(first[0]).toBeLessThan(second[0]!);
        for (const i of [1, 3, 5, 7]) expect(first[i]! ** 2 + first[i + 1]! ** 2).toBeCloseTo(1, 9);
      }),
    );
  });

  it('has no number where there is no date, and refuses one that is none', () => {
    expect(dateParts(undefined)).toEqual(DATE_PARTS.map(() => undefined));
    expect(() => dateParts(new Date('32nd of May'))).toThrow(
      'dateParts: expected a Date, received one that is invalid. Give a valid one, such as new Date("2024-03-01"), or undefined where it is missing.',
    );
    expect(() => dateParts('2024-03-01' as never)).toThrow('received "2024-03-01"');
  });
});
