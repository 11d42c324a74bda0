import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, evaluate, startRuntime, train, transformerTrunk } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { byteVocabulary, tagger, wholeWords, wordsStem } from 'banyan-ml/heads/text';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const labels = ['O', 'B-city', 'I-city', 'B-day'];
const options = { labels, length: 3 };
const uniform = Math.log(4);

describe('wordsStem', () => {
  const texts = ['Play "U2" at 10:45', ['New York', 'today', 'play'], ''];
  const vocabulary = wholeWords(texts);

  it('keeps the contract of a stem', async () => {
    await runStemContract(wordsStem({ vocabulary, length: 6 }), { examples: texts });
    await runStemContract(wordsStem({ vocabulary: () => vocabulary, length: 3, pieces: 40, dropout: 0.1 }), {
      examples: texts,
    });
  });

  it('reads one token a word, whatever is in it', () => {
    expect(vocabulary.words).toEqual(['"u2"', '10:45', 'at', 'new york', 'play', 'today']);
    const stem = wordsStem({ vocabulary, length: 5 })(freshContext());
    expect([...stem.prepare('play 10:45  at nowhere')]).toEqual([6, 3, 4, 1]);
    expect([...stem.prepare(['NEW YORK', 'today'])]).toEqual([5, 7]);
    expect([...stem.prepare('')]).toEqual([1]);
    expect(stem.prepare('a b c d e f g').length).toBe(5);
  });

  it('says what is wrong', () => {
    const stem = wordsStem({ vocabulary, length: 5 })(freshContext());
    expect(() => stem.prepare(7 as never)).toThrow(
      'Task "contract": expected a list of words, or a text, received 7. Correct the source\'s inputs.',
    );
    expect(() => wordsStem({ vocabulary: byteVocabulary(), length: 5 })(freshContext())).toThrow(
      'wordsStem: expected a vocabulary of whole words, received one of byte pairs, which takes words apart. Make it by wholeWords.',
    );
    expect(() => wholeWords(['a b'], { minimumCount: 2 })).toThrow(
      'wholeWords: expected a word that occurs at least 2 times, received 2 words and none so often.',
    );
  });
});

describe('tagger', () => {
  it('keeps the contract of a head', async () => {
    const targets = [
      ['O', 'B-city', 'I-city'],
      ['B-day', 'O', 'O'],
      ['O', 'O', 'O'],
    ];
    await runHeadContract(tagger(options), { targets });
    await runHeadContract(tagger({ labels: ['noun', 'verb'], length: 3, labelSmoothing: 0.1 }), {
      targets: [
        ['noun', 'verb', 'noun'],
        ['verb', 'verb', 'noun'],
      ],
    });
  });

  /** The losses of samples with these scores and words, for targets that are padded to one length. */
  const lossesOf = (scores: number[][][], words: number[][], targets: number[][]) => {
    const head = tagger(options)(freshContext());
    return tf.tidy(() => [
      ...head
        .loss({ scores: tf.tensor3d(scores), words: tf.tensor2d(words) }, tf.tensor2d(targets, undefined, 'int32'))
        .dataSync(),
    ]);
  };
  const sure = [0, Math.log(9), 0, 0];
  const unsure = [0, 0, 0, 0];

  it('has as loss the mean over the words of a text, whatever the lengths of others', () => {
    // Nine of twelve for B-city, of which there is one word; padding counts for nothing.
    const certain = -Math.log(9 / 12);
    const losses = lossesOf(
      [
        [sure, unsure, sure],
        [sure, sure, sure],
      ],
      [
        [1, 1, 0],
        [1, 0, 0],
      ],
      [
        [2, 1],
        [2, 0],
      ],
    );
    expect(losses).toEqual([expect.closeTo((certain + uniform) / 2, 5), expect.closeTo(certain, 5)]);
    // Targets are longer than the texts where those have been padded further.
    expect(lossesOf([[sure]], [[1]], [[2, 0, 0]])).toEqual([expect.closeTo(certain, 5)]);
    expect(lossesOf([[sure, sure]], [[1, 1]], [[0, 0]])).toEqual([0]);
  });

  it('has no loss where a text has another number of labels than words', () => {
    expect(lossesOf([[sure, sure]], [[1, 1]], [[2, 0]])).toEqual([Number.NaN]);
    expect(lossesOf([[sure]], [[1]], [[2, 1]])).toEqual([Number.NaN]);
  });

  const decode = (rows: readonly (readonly number[])[], words: readonly number[]) =>
    tagger(options)(freshContext()).decode({ scores: Float32Array.from(rows.flat()), words: Float32Array.from(words) });

  it('labels the words, and no padding', () => {
    const { labels: found, probabilities } = decode([sure, [5, 0, 0, 0], sure], [1, 1, 0]);
    expect(found).toEqual(['B-city', 'O']);
    expect(probabilities[0]).toBeCloseTo(0.75, 6);
  });

  it('gives every span a beginning, where the likeliest label has none', () => {
    // Word by word: I-city, I-city. The beginning that costs least is B-city.
    expect(
      decode(
        [
          [0, 1, 2, 0],
          [0, 0, 3, 0],
        ],
        [1, 1],
      ).labels,
    ).toEqual(['B-city', 'I-city']);
    // A beginning that costs more than to leave out both.
    expect(
      decode(
        [
          [3, -9, 4, 0],
          [3, 0, 4, 0],
        ],
        [1, 1],
      ).labels,
    ).toEqual(['O', 'O']);
  });

  it('counts words that were cut off as outside', () => {
    const head = tagger(options)(freshContext());
    const target = ['B-city', 'I-city', 'O', 'B-day'];
    expect([...(head.target!.prepare!(target) as Int32Array)]).toEqual([2, 3, 1]);
    const prediction = { labels: target.slice(0, 3), probabilities: new Float32Array(3) };
    for (const metric of head.metrics) metric.update(target, prediction);
    expect(head.metrics.map((metric) => [metric.name, metric.result()])).toEqual([
      ['span-f1', 2 / 3],
      ['accuracy', 3 / 4],
    ]);
    expect(head.explain!(prediction, target)).toEqual({
      predicted: 'B-city I-city O',
      expected: 'B-city I-city O B-day',
      right: false,
    });
  });

  it('says which option or target is wrong', () => {
    expect(() => tagger({ labels: ['O', 'O'], length: 3 })).toThrow(
      'tagger: expected at least two labels, each of them once, received [O, O]. Correct "labels".',
    );
    expect(() => tagger({ labels, length: 0 })).toThrow('tagger: length must be a whole number >= 1, received 0.');
    const head = tagger(options)(freshContext());
    expect(() => head.target!.prepare!(['O', 'B-town'])).toThrow(
      'Task "contract": expected labels, each one of O, B-city, I-city, B-day, received "B-town". Correct the source\'s targets, or the tagger\'s "labels".',
    );
    expect(() => head.target!.prepare!([])).toThrow('expected a list with a label for each word, each one of');
  });

  it('learns spans from what stands before them', async () => {
    const filler = ['we', 'go', 'now', 'or', 'never'];
    const cities = ['york', 'oslo', 'new', 'paris', 'bad', 'ems'];
    const task = defineTask({
      name: 'cities',
      stem: wordsStem({ vocabulary: wholeWords([[...filler, ...cities, 'in', 'to']]), length: 8 }),
      head: tagger({ labels: ['O', 'B-place', 'I-place', 'B-goal', 'I-goal'], length: 8 }),
      source: generatedSource<readonly string[], readonly string[]>({
        name: 'cities',
        counts: { training: Number.POSITIVE_INFINITY, validation: 200, test: 0 },
        make: (random) => {
          const [words, target]: [string[], string[]] = [[], []];
          while (words.length < 4 + random.integer(3)) {
            const type = random.integer(3);
            const add = (word: string, label: string) => {
              words.push(word);
              target.push(label);
            };
            if (type === 0) add(filler[random.integer(filler.length)]!, 'O');
            else {
              add(type === 1 ? 'in' : 'to', 'O');
              const name = type === 1 ? 'place' : 'goal';
              for (let i = 0; i <= random.integer(2); i++)
                add(cities[random.integer(cities.length)]!, `${i === 0 ? 'B' : 'I'}-${name}`);
            }
          }
          return { input: words, target };
        },
      }),
    });
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 32, depth: 2, heads: 4 }),
      tasks: [task],
      seed: 1,
    });
    await lastValueFrom(train(network, { steps: 300, batch: 32, seed: 1 }));
    const metrics = (await evaluate(network)).cities!;
    const [prediction] = await network.predict(task, ['go to new york in oslo']);
    network.dispose();
    expect(prediction!.labels).toEqual(['O', 'O', 'B-goal', 'I-goal', 'O', 'B-place']);
    expect(metrics['span-f1']).toBeGreaterThan(0.95);
  });
});
