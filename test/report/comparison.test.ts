import { describe, expect, it } from 'vitest';
import { intervalSpec, paretoSpec } from '../../src/report/comparison.ts';
import { plot } from '../../src/report/plot.ts';

const row = (name: string, mean: number) => ({ name, mean, low: mean - 1, high: mean + 1 });
const point = (name: string, x: number, y: number, marked = false) => ({ name, x, y, marked });

describe('intervals', () => {
  it('are drawn by name, beside a line where nothing would have changed', async () => {
    const svg = await plot(intervalSpec('delta-m', '%', [row('equal', -5), row('pcgrad', -4)], 0));
    for (const text of ['equal', 'pcgrad', 'delta-m']) expect(svg).toContain(`>${text}<`);
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(2);
  });

  it('leave out what is far from all others, and say so', () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((name, i) => row(name, i));
    expect(intervalSpec('t', 'u', [...rows, row('lost', -500)])).toMatchObject({
      title: { text: 't', subtitle: 'outside of the picture: lost' },
      data: { values: rows },
    });
    expect(intervalSpec('t', 'u', rows)).toMatchObject({ title: 't', data: { values: rows } });
    // Of three nobody can say which is the odd one.
    expect(intervalSpec('t', 'u', [...rows.slice(0, 2), row('far', 99)])).toMatchObject({ title: 't' });
  });
});

describe('a plane', () => {
  it('names the marked points, and leaves out what is far in either direction', async () => {
    const near = ['a', 'b', 'c', 'd'].map((name, i) => point(name, i, -i, i === 1));
    const spec = paretoSpec({
      title: 't',
      x: 'left',
      y: 'right',
      points: [...near, point('lost', 1, 400)],
      lines: { x: 2 },
    });
    expect(spec).toMatchObject({ title: { subtitle: 'outside of the picture: lost' } });
    const svg = await plot(spec);
    for (const text of ['b', 'left', 'right']) expect(svg).toContain(`>${text}<`);
    for (const text of ['a', 'lost']) expect(svg).not.toContain(`>${text}<`);
  });
});
