// Vectors of rows, described over a file: near to each other for rows of one class, also in what is predicted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { dataSet, dataTask } from '../../../heads/fields.ts';
import { nearest } from '../../../heads/table/index.ts';
import { createNetwork, denseTrunk, evaluate, train } from '../../../src/index.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { temporaryFolder } from '../../repository.ts';

const CENTRES = { oak: [3, 0], elm: [-2, 2], fir: [-1, -3] };
const names = Object.keys(CENTRES) as (keyof typeof CENTRES)[];

/** A point near the centre of its class. */
function pointOf(name: keyof typeof CENTRES, random: RandomStream): Record<'x' | 'y', number> {
  const [x, y] = CENTRES[name] as [number, number];
  return { x: x + random.uniform() - 0.5, y: y + random.uniform() - 0.5 };
}

it('an embedding puts rows of a class near to each other, and `nearest` finds them', async () => {
  const folder = temporaryFolder();
  const random = new RandomStream(1, 'trees');
  const rows = Array.from({ length: 200 }, (_, i) => ({ ...pointOf(names[i % 3]!, random), tree: names[i % 3]! }));
  writeFileSync(join(folder, 'trees.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const data = dataSet({ file: join(folder, 'trees.jsonl') });
  const task = await dataTask({
    name: 'trees',
    data,
    inputs: ['x', 'y'],
    target: { column: 'tree', kind: 'embedding', size: 8 },
  });
  const network = await createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks: [task] as never, seed: 1 });
  await lastValueFrom(train(network, { steps: 100, batch: 30, seed: 1 }));
  const { trees } = (await evaluate(network)) as Record<string, Record<string, number>>;
  expect(trees!['precision-at-1']).toBeGreaterThan(0.95);
  const asked = names.flatMap((name) => Array.from({ length: 10 }, () => pointOf(name, random)));
  const inputs = await Promise.all(asked.map((row) => task.fromRow!(row, { row: 'a row', folder })));
  const vectors = ((await network.predict('trees', inputs)) as unknown as { vector: Float32Array }[]).map(
    ({ vector }) => vector,
  );
  for (const [i, vector] of vectors.entries()) {
    const found = nearest(vectors, vector, 10).map(({ index }) => Math.floor(index / 10));
    expect(new Set(found)).toEqual(new Set([Math.floor(i / 10)]));
  }
  network.dispose();
});
