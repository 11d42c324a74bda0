import { describe, expect, it } from 'vitest';
import { ratePage, rateText } from '../../src/report/index.ts';
import { RateRecorder } from '../../src/train/find-rate/curve.ts';
import type { RateCurve } from '../../src/train/index.ts';

/** Two tasks whose losses fall around 1e-3 and rise after 0.3. */
function curveOf(steps: number, scale = 1): RateCurve {
  const recorder = new RateRecorder({ digits: 1, '<b>': 0.5 }, steps);
  for (let i = 0; i < steps && !recorder.risen; i++) {
    const rate = 1e-7 * 1e8 ** (i / (steps - 1));
    const loss = scale * (2 - 1.5 / (1 + (1e-3 / rate) ** 1.5) + (rate / 0.3) ** 2);
    recorder.add(rate, { digits: loss, '<b>': 2 * loss });
  }
  return recorder.curve(false);
}

describe('a learning-rate range test', () => {
  it('is drawn with letters, the proposal in it, with the rule of the proposal', () => {
    const text = rateText(curveOf(100), 72);
    const lines = text.split('\n');
    expect(Math.max(...lines.slice(0, 15).map((line) => line.length))).toBeLessThanOrEqual(72 + 14);
    const rows = lines.slice(1, 13);
    expect(rows[0]).toMatch(/^ {4}4\.000 │••••/);
    expect(rows.at(-1)).toMatch(/^ +\d\.\d+ │.*•/);
    expect(rows.filter((row) => row.includes('┊')).length).toBeGreaterThan(8);
    expect(lines.at(-2)).toBe(
      'Proposed learning rate: 0.004, the lesser of 0.004, around which the loss fell fastest, and 0.024, a tenth of the rate with the lowest loss.',
    );
    expect(lines.at(-1)).toBe('It ended at 2.3, where the loss was 4 times its best.');
  });

  it('proposes nothing where it ended at once', () => {
    const curve: RateCurve = { rates: [1e-7], losses: { a: [3] }, total: [3], end: 'diverged' };
    expect(rateText(curve)).toContain(
      'No rate is proposed: the loss rose after too few steps. Try it from a lower rate, or with more steps.\nIt ended at 1.0e-7: at the next rate, losses or gradients were no numbers any more.',
    );
  });

  it('draws at the lower edge what is below the losses that the scale is made of', () => {
    // The scale leaves the last steps out, and the loss falls in them.
    const rates = Array.from({ length: 20 }, (_, i) => 1e-4 * 1.5 ** i);
    const total = rates.map((_, i) => (i < 15 ? 3 - i / 100 : 0.1));
    const rows = rateText({ rates, losses: { a: total }, total, end: 'steps' })
      .split('\n')
      .slice(1, 13);
    expect(rows.join('').match(/•/g)!.length).toBe(20);
    expect(rows.at(-1)).toMatch(/•$/);
  });

  it('says only what follows where the first step had no loss', () => {
    expect(rateText({ rates: [], losses: { a: [] }, total: [], end: 'diverged' })).toBe(
      'No rate is proposed: the loss rose after too few steps. Try it from a lower rate, or with more steps.\nIt ended at the first step: losses or gradients were no numbers.',
    );
  });

  it('has a page with a picture of all tasks and one of each', async () => {
    const html = await ratePage('Learning rates of <x>', curveOf(100));
    expect(html.match(/<svg/g)!.length).toBe(3);
    expect(html).toContain('<h1>Learning rates of &lt;x&gt;</h1>');
    expect(html).toContain('Proposed learning rate: 0.004');
    expect(html).not.toContain('<b>');
    const single: RateCurve = { ...curveOf(100), losses: { digits: curveOf(100).total } };
    expect((await ratePage('one', single)).match(/<svg/g)!.length).toBe(1);
  });
});
