import { describe, expect, it } from 'vitest';
import { createNetwork, defineTask, denseTrunk, evaluate } from '../../src/index.ts';
import { headOf, NumbersStem, numbersSource } from '../fixtures.ts';

describe('evaluate on part of a split', () => {
  it('takes so many examples, evenly spaced', async () => {
    const source = numbersSource((x) => x[0]!);
    const asked: number[] = [];
    const seen = defineTask({
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
    const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 2 }), tasks: [seen] });
    await evaluate(network, { examples: 4 });
    // Of 50.
    expect(asked).toEqual([0, 12, 25, 37]);
    asked.length = 0;
    await evaluate(network, { examples: 1000 });
    expect(asked).toEqual(Array.from({ length: 50 }, (_, i) => i));
    network.dispose();
  });
});
