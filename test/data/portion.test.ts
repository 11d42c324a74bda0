import { describe, expect, it } from 'vitest';
import { portion } from '../../src/data/portion.ts';
import { NO_NETWORK, type Source } from '../../src/task/source.ts';
import { runSourceContract } from '../../src/testing/source.ts';

const context = NO_NETWORK;
const counts = { training: 200, validation: 20, test: 10 };

const numbered = (more: Partial<Source<number, number>> = {}): Source<number, number> => ({
  facts: { licence: 'none' },
  counts,
  read: (split, indices) => indices.map((index) => ({ input: index, target: split.length })),
  ...more,
});

async function trainingOf(source: Source<number, number>): Promise<number[]> {
  const indices = Array.from({ length: source.counts.training }, (_, i) => i);
  return (await source.read('training', indices, context)).map(({ input }) => input);
}

describe('portion', () => {
  it('keeps the contract', () => runSourceContract(portion(numbered(), 0.1)));

  it('has so many different training examples, a smaller one part of a larger, and the other splits untouched', async () => {
    const source = portion(numbered(), 0.1, 3);
    expect(source.counts).toEqual({ training: 20, validation: 20, test: 10 });
    expect(source.facts).toEqual({ licence: 'none' });
    const examples = await trainingOf(source);
    expect(new Set(examples).size).toBe(20);
    expect((await trainingOf(portion(numbered(), 0.3, 3))).slice(0, 20)).toEqual(examples);
    expect(await trainingOf(portion(numbered(), 0.1, 4))).not.toEqual(examples);
    expect((await trainingOf(portion(numbered(), 1))).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
    expect(await source.read('validation', [3, 1], context)).toEqual([
      { input: 3, target: 10 },
      { input: 1, target: 10 },
    ]);
  });

  it('has at least one', () => {
    expect(portion(numbered(), 0.001).counts.training).toBe(1);
  });

  it('knows its counts once the source is open', async () => {
    let size = 0;
    const late: Source<number, number> = {
      get counts() {
        return { ...counts, training: size };
      },
      open: async () => {
        size = 50;
      },
      read: numbered().read,
    };
    const source = portion(late, 0.5);
    await source.open?.();
    expect(source.counts.training).toBe(25);
  });

  it('refuses a fraction outside (0, 1], an endless source, one that changes', () => {
    for (const fraction of [0, -1, 1.1, Number.NaN]) {
      expect(() => portion(numbered(), fraction)).toThrow(
        `A portion of the training examples must be in (0, 1], received ${fraction}. Give a fraction such as 0.1.`,
      );
    }
    expect(() => portion(numbered({ counts: { ...counts, training: Infinity } }), 0.5).counts).toThrow(
      'A portion needs a source with a fixed number of training examples, received one that is endless. Use the source as it is.',
    );
    expect(() => portion(numbered({ state: () => 1 }), 0.5).counts).toThrow('received one that changes as it is read.');
  });

  it('has each class in its share where the source tells the classes', async () => {
    const strata = (split: string) =>
      Array.from({ length: split === 'training' ? 200 : 20 }, (_, i) => Math.floor(i / 50));
    const source = portion(numbered({ strata }), 0.1, 3);
    const classes = (await trainingOf(source)).map((index) => Math.floor(index / 50));
    for (let kind = 0; kind < 4; kind++) {
      expect(Math.abs(classes.filter((other) => other === kind).length - 5)).toBeLessThanOrEqual(1);
    }
    expect(source.strata!('validation')).toEqual(strata('validation'));
  });
});
