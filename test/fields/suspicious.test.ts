import { describe, expect, it } from 'vitest';
import { ColumnWatch } from '../../src/fields/suspicious.ts';

type Values = Readonly<Record<string, string | number | null>>;

function warningsOf(rows: readonly Values[], inputs: readonly string[]): readonly string[] {
  const watch = new ColumnWatch([{ inputs, target: 'target' }]);
  for (const [i, values] of rows.entries()) watch.see({ place: `line ${i}`, values });
  return watch.warnings('a.csv');
}

const rows = (make: (i: number) => Values, count = 40) => Array.from({ length: count }, (_, i) => make(i));

describe('what is suspicious of a column', () => {
  it('is that it is the target, however its numbers are written', () => {
    const found = warningsOf(
      rows((i) => ({ copy: `${i % 7}.0`, other: i % 3, target: i % 7 })),
      ['copy', 'other'],
    );
    expect(found).toEqual([
      'a.csv: column "copy" is equal to the target "target" in all 40 training rows. Expected an input that is known before the target is. Leave it out of `inputs`, unless it is meant.',
    ]);
  });

  it('is that it alone tells the target', () => {
    const found = warningsOf(
      rows((i) => ({ status: ['open', 'paid', 'late'][i % 3]!, target: i % 3 === 1 ? 'yes' : 'no' })),
      ['status'],
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('column "status" alone tells the target "target"');
  });

  it('is that it numbers the rows', () => {
    const found = warningsOf(
      rows((i) => ({ id: `C-${1000 + i}`, size: i / 7, target: (i * i) % 5 })),
      ['id', 'size'],
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('column "id" has another name or whole number in each of the 40 training rows');
  });

  it('is nothing where labels are missing, where values hardly repeat, and where there are few rows', () => {
    const missing = rows((i) => ({ a: i % 4, target: i % 2 === 0 ? null : (i * 7) % 3 }));
    expect(warningsOf(missing, ['a'])).toEqual([]);
    const measured = rows((i) => ({ a: i * 1.37, target: i % 3 }));
    expect(warningsOf(measured, ['a'])).toEqual([]);
    const few = rows((i) => ({ a: i, target: i }), 5);
    expect(warningsOf(few, ['a'])).toEqual([]);
  });
});
