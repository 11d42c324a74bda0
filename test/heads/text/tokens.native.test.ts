// What is one token of a text in a column: words, bytes or byte pairs, as an input and as a target.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { dataSet, dataTask } from '../../../heads/fields.ts';
import { createNetwork, evaluate, train, transformerTrunk } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const file = join(folder, 'texts.csv');
const SEAS = ['the north sea is cold', 'the south sea is warm'];
const lines = Array.from({ length: 60 }, (_, i) => `${SEAS[i % 2]} ${i},${['cold', 'warm'][i % 2]}`);
writeFileSync(file, ['text,kind', ...lines, ''].join('\n'));

const taskOf = (inputs: object, target: object | string) =>
  dataTask({ name: 'sea', data: dataSet({ file }), inputs: inputs as never, target: target as never });

describe('the tokens of a text', () => {
  it.each(['words', 'bytes', 'pairs'])('are %s, read and learned from', async (tokens) => {
    const task = await taskOf({ text: { kind: 'text', tokens, length: 32 } }, 'kind');
    const trunk = transformerTrunk({ width: 16, depth: 1, heads: 2 });
    const network = await createNetwork({ trunk, tasks: [task] as never, seed: 1 });
    const [part] = internals(network).body.tasks[0]!.input.parts;
    const ids = [...part!.stem.implementation.prepare('warm sea')];
    // With pieces, 24 ids stand after each word's.
    expect(ids.length).toBe({ words: 2 * 25, bytes: 8, pairs: 3 }[tokens]);
    await lastValueFrom(train(network, { steps: 60, batch: 16, seed: 1 }));
    const { sea } = (await evaluate(network)) as Record<string, Record<string, number>>;
    expect(sea!.accuracy).toBe(1);
    network.dispose();
  });

  it.each(['bytes', 'pairs'])('are %s that are written', async (tokens) => {
    const task = await taskOf({ text: 'text' }, { column: 'kind', kind: 'text', tokens, length: 8 });
    const trunk = transformerTrunk({ width: 16, depth: 1, heads: 2, decoder: 1 });
    const network = await createNetwork({ trunk, tasks: [task] as never, seed: 1 });
    await lastValueFrom(train(network, { steps: 80, batch: 16, seed: 1 }));
    const [written] = (await network.predict('sea', ['the south sea is warm 3'])) as unknown as { text: string }[];
    expect(written!.text).toBe('warm');
    network.dispose();
  });

  it('have no options of other tokens', async () => {
    await expect(taskOf({ text: { kind: 'text', tokens: 'bytes', minimumCount: 3 } }, 'kind')).rejects.toThrow(
      'minimumCount must be left out without `tokens: words`, received 3. Remove it.',
    );
    await expect(taskOf({ text: { kind: 'text', vocabulary: 300 } }, 'kind')).rejects.toThrow(
      'vocabulary must be left out without `tokens: pairs`, received 300. Remove it.',
    );
    await expect(taskOf({ text: { kind: 'text', tokens: 'letters' } }, 'kind')).rejects.toThrow(
      'tokens must be one of "words", "bytes", "pairs", received "letters"',
    );
  });
});
