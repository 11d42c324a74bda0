import { notes, sentences, shapes } from 'banyan-ml/tasks';
import { describe, expect, it } from 'vitest';
import { type Example, NO_NETWORK, type Source, type Split } from '../../src/data/index.ts';
import { type Labelled, linearAccuracy } from './linear.ts';

const context = NO_NETWORK;

async function read<Input>(source: unknown, split: Split, count: number): Promise<readonly Example<Input, number>[]> {
  return (source as Source<Input, number>).read(
    split,
    Array.from({ length: count }, (_, i) => i),
    context,
  );
}

async function features<Input>(
  source: unknown,
  split: Split,
  count: number,
  toNumbers: (input: Input) => Float32Array,
): Promise<Labelled> {
  const examples = await read<Input>(source, split, count);
  return { inputs: examples.map(({ input }) => toNumbers(input)), targets: examples.map(({ target }) => target!) };
}

// A small transformer passes 0.97 on each of these within 300 steps of 32 examples: 15 points above all of what follows.
describe('generated tasks are beyond a linear model', () => {
  it('shapes: raw pixels', async () => {
    const numbers = (pixels: Float32Array) => pixels.map((value) => (value - 0.45) / 0.25);
    const [training, test] = [
      await features(shapes.source, 'training', 2000, numbers),
      await features(shapes.source, 'test', 500, numbers),
    ];
    expect(linearAccuracy(training, test, 5, { epochs: 8, rate: 0.003 })).toBeLessThan(0.4);
  });

  it('notes: raw samples', async () => {
    const numbers = (samples: Float32Array) => samples.map((value) => 3 * value);
    const [training, test] = [
      await features(notes.source, 'training', 1000, numbers),
      await features(notes.source, 'test', 300, numbers),
    ];
    expect(linearAccuracy(training, test, 5, { epochs: 4, rate: 0.001 })).toBeLessThan(0.4);
  });

  it('sentences: counts of words', async () => {
    const words = new Map<string, number>();
    const numbers = (sentence: string) => {
      const counts = new Float32Array(64);
      for (const word of sentence.split(' ')) {
        if (!words.has(word)) words.set(word, words.size);
        counts[words.get(word)!]! += 1;
      }
      return counts;
    };
    const [training, test] = [
      await features(sentences.source, 'training', 4000, numbers),
      await features(sentences.source, 'test', 1000, numbers),
    ];
    const accuracy = linearAccuracy(training, test, 6, { epochs: 10, rate: 0.01 });
    expect(accuracy).toBeGreaterThan(0.4);
    expect(accuracy).toBeLessThan(0.6);
  });
});

describe('generated examples', () => {
  it.each([
    ['shapes', shapes, 28 * 28],
    ['notes', notes, 4000],
  ] as const)('%s: the right size, finite, all classes about as often', async (_, task, size) => {
    const examples = await read<Float32Array>(task.source, 'training', 500);
    const often = new Map<number, number>();
    for (const { input, target } of examples) {
      expect(input).toHaveLength(size);
      expect(input.every(Number.isFinite)).toBe(true);
      often.set(target!, (often.get(target!) ?? 0) + 1);
    }
    expect([...often.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(Math.min(...often.values())).toBeGreaterThan(60);
  });

  it('sentences: the doer is named, and the same words in another order have another doer', async () => {
    const examples = await read<string>(sentences.source, 'training', 4000);
    const answers = new Map<string, Set<number>>();
    const people = ['anna', 'ben', 'clara', 'david', 'emma', 'felix'];
    for (const { input, target } of examples) {
      expect(input).toContain(people[target!]);
      const bag = input.split(' ').sort().join(' ');
      answers.set(bag, (answers.get(bag) ?? new Set()).add(target!));
    }
    expect([...answers.values()].some((doers) => doers.size === 2)).toBe(true);
  });
});
