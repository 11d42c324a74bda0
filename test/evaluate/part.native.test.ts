import { describe, expect, it } from 'vitest';
import { columnSensitivity } from '../../src/analysis/index.ts';
import { arraySource } from '../../src/data/index.ts';
import { createNetwork, defineTask, denseTrunk, evaluate, gallery } from '../../src/index.ts';
import { headOf, inputs, NumbersStem } from '../fixtures.ts';

const COUNT = 1000;
const KINDS = 10;

/** A network over a test split whose targets stand as they are told to, and the places that were read. */
async function networkOver(targetAt: (i: number) => number) {
  const asked: number[] = [];
  const test = {
    inputs: Array.from({ length: COUNT }, (_, i) => inputs[i % inputs.length]!),
    targets: Array.from({ length: COUNT }, (_, i) => targetAt(i)),
  };
  const source = arraySource({ inputs, targets: inputs.map(() => 0), validation: 0, test });
  const task = defineTask({
    name: 'seen',
    stem: (context) => new NumbersStem(context),
    head: headOf,
    source: {
      ...source,
      read: (split, indices, context) => {
        asked.push(...indices);
        return source.read(split, indices, context);
      },
    },
  });
  return { network: await createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: [task] }), asked };
}

describe('part of a split', () => {
  it.each([
    ['come in turn', (i: number) => i % KINDS],
    ['are sorted', (i: number) => Math.floor((i * KINDS) / COUNT)],
  ])('has each class in its share where they %s', async (_, kindAt) => {
    const { network, asked } = await networkOver(kindAt);
    for (const examples of [100, 200, 300]) {
      asked.length = 0;
      await evaluate(network, { examples });
      expect(new Set(asked).size).toBe(examples);
      const times = new Array<number>(KINDS).fill(0);
      for (const place of asked) times[kindAt(place)]! += 1;
      for (const count of times) expect(Math.abs(count - examples / KINDS)).toBeLessThanOrEqual(1);
    }
    asked.length = 0;
    await columnSensitivity(network, 'seen', { examples: 64 });
    expect(new Set(asked.map(kindAt)).size).toBe(KINDS);
    network.dispose();
  });

  it('is a plain draw where the source does not tell the classes', async () => {
    // As many classes as examples: numbers, not classes.
    const { network, asked } = await networkOver((i) => i);
    await evaluate(network, { examples: 200 });
    const times = new Array<number>(KINDS).fill(0);
    for (const place of asked) times[Math.floor((place * KINDS) / COUNT)]! += 1;
    // Within three and a half standard deviations of independent draws.
    const most = 3.5 * Math.sqrt((200 / KINDS) * (1 - 1 / KINDS));
    for (const count of times) expect(Math.abs(count - 200 / KINDS)).toBeLessThan(most);
    network.dispose();
  });

  it('is the same each time, and a smaller one is part of a larger one', async () => {
    const { network, asked } = await networkOver((i) => i);
    const first = await evaluate(network, { examples: 150 });
    const part = asked.splice(0);
    expect(await evaluate(network, { examples: 150 })).toEqual(first);
    expect(asked.splice(0)).toEqual(part);
    await evaluate(network, { examples: 40 });
    expect(asked.splice(0)).toEqual(part.slice(0, 40));
    network.dispose();
  });

  it('is the whole, as it lies, where more are asked for than there are', async () => {
    const { network, asked } = await networkOver((i) => i);
    for (const examples of [COUNT, COUNT + 1, undefined]) {
      await evaluate(network, examples === undefined ? {} : { examples });
      expect(asked.splice(0)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    }
    network.dispose();
  });

  it('is a whole number of examples', async () => {
    const { network } = await networkOver((i) => i);
    for (const examples of [2.5, -1, 0, Number.NaN]) {
      const rest = `examples must be a whole number >= 1, received ${examples}. Say how many examples to look at; where there are fewer, all of them are.`;
      await expect(evaluate(network, { examples })).rejects.toThrow(`evaluate: ${rest}`);
      await expect(columnSensitivity(network, 'seen', { examples })).rejects.toThrow(`columnSensitivity: ${rest}`);
      await expect(gallery(network, { examples })).rejects.toThrow(`gallery: ${rest}`);
    }
    await expect(gallery(network, { round: -1 })).rejects.toThrow(
      'gallery: round must be a whole number >= 0, received -1. Raise it to 0 or more.',
    );
    network.dispose();
  });
});
