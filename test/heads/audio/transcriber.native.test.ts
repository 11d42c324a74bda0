import * as tf from '@tensorflow/tfjs';
import { convTrunk, createNetwork, defineTask, evaluate, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { spectrogramStem, transcriber } from 'banyan-ml/heads/audio';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const log = (...p: number[]) => p.map(Math.log);

describe('transcriber', () => {
  it('keeps the contract of a head', async () => {
    await runHeadContract(transcriber({ symbols: 'ab c', length: 3 }), { targets: ['ab', '', 'c a', 'aa'] });
    await runHeadContract(transcriber({ symbols: ['ah', 'oo'], length: 2, beam: 4 }), {
      targets: [['ah', 'oo'], ['oo']],
    });
  });

  it('has as loss how unlikely all ways to say the target are', () => {
    const head = transcriber({ symbols: 'ab', length: 2 })(freshContext());
    const target = [...(head.target!.prepare!('a') as Int32Array)];
    const loss = tf.tidy(() => {
      const logits = tf.tensor3d([[log(0.5, 0.3, 0.2), log(0.6, 0.3, 0.1)]]);
      return head.loss(logits, tf.tensor2d([[...target, 0]], undefined, 'int32')).dataSync()[0];
    });
    // a a, a blank, blank a.
    expect(loss).toBeCloseTo(-Math.log(0.3 * 0.3 + 0.3 * 0.6 + 0.5 * 0.3), 5);
  });

  it('says nothing in frames that are padding', () => {
    const head = transcriber({ symbols: 'ab', length: 2 })(freshContext());
    const outputs = tf.tidy(() => {
      const tokens = tf.randomNormal([1, 4, 16], 0, 5, 'float32', 3) as tf.Tensor3D;
      const whole = head.forward(tokens.slice([0, 0, 0], [1, 2, -1]), { training: false }) as tf.Tensor3D;
      const padded = head.forward(tokens, { training: false, mask: tf.tensor2d([[1, 1, 0, 0]]) }) as tf.Tensor3D;
      return [whole, padded].map((output) => output.dataSync() as Float32Array);
    });
    const [whole, padded] = outputs.map((output) => head.decode(output));
    expect(padded).toEqual(whole);
  });

  it('decodes by the best path, or by a search that adds up paths', () => {
    const output = Float32Array.from([log(0.6, 0.4, 1e-9), log(0.6, 0.4, 1e-9)].flat());
    const decode = (beam?: number) =>
      transcriber({ symbols: 'ab', length: 2, ...(beam === undefined ? {} : { beam }) })(freshContext()).decode(output);
    expect(decode()).toEqual({ text: '', symbols: [] });
    expect(decode(4)).toEqual({ text: 'a', symbols: ['a'] });
    const head = transcriber({ symbols: 'ab', length: 2 })(freshContext());
    expect(head.explain!(decode(), 'b')).toEqual({ predicted: '(nothing)', expected: 'b', right: false });
  });

  it('measures characters, words, or symbols that are neither', () => {
    const measure = (symbols: string | readonly string[], target: string | string[], said: readonly string[]) =>
      transcriber({ symbols, length: 9 })(freshContext()).metrics.map((metric) => {
        metric.update(target, { text: said.join(''), symbols: said });
        return [metric.name, metric.result()];
      });
    expect(measure('ab ', 'ab b', [...'aa b'])).toEqual([
      ['character-error-rate', 1 / 4],
      ['word-error-rate', 1 / 2],
    ]);
    expect(measure(['ah', 'oo'], ['ah', 'oo', 'ah'], ['ah', 'ah'])).toEqual([[expect.any(String), 1 / 3]]);
  });

  it('says which option or target is wrong', () => {
    expect(() => transcriber({ symbols: 'aba', length: 2 })).toThrow(
      'transcriber: expected at least one symbol, each of them once and none empty, received ["a", "b", "a"]. Correct "symbols".',
    );
    expect(() => transcriber({ symbols: 'ab', length: 2, beam: 0 })).toThrow(
      'transcriber: beam must be a whole number >= 1, received 0.',
    );
    const { prepare } = transcriber({ symbols: 'ab', length: 3 })({ ...freshContext(), positions: 3 }).target!;
    expect(() => prepare!('abc')).toThrow(
      'Task "contract": a target has the symbol "c", expected one of "a", "b". Correct the target, or add it to the transcriber\'s "symbols".',
    );
    expect(() => prepare!('abab')).toThrow(
      'Task "contract": a target has 4 symbols, expected at most 3. Raise the transcriber\'s "length", or leave such examples out.',
    );
    expect(() => prepare!('aab')).toThrow(
      'Task "contract": a target of 3 symbols needs 4 tokens, one each and one between equal ones, and its stem gives 3.',
    );
    expect(() => prepare!(7 as never)).toThrow('expected a text, or a list of symbols, as target, received 7.');
    expect([...(prepare!('') as Int32Array)]).toEqual([0]);
  });

  it('learns to write down tones of any length', async () => {
    const rate = 4000;
    const tones = { a: 400, b: 800, c: 1300 };
    const task = defineTask({
      name: 'tones',
      stem: spectrogramStem({ sampleRate: rate, seconds: 0.8, window: 100, hop: 50, fft: 128, mels: 16 }),
      head: transcriber({ symbols: 'abc', length: 4, beam: 4 }),
      source: generatedSource<Float32Array, string>({
        name: 'tones',
        counts: { training: Number.POSITIVE_INFINITY, validation: 100, test: 0 },
        make: (random) => {
          const sound = Float32Array.from({ length: 0.8 * rate }, () => 0.01 * random.normal());
          let [at, text] = [random.integer(0.1 * rate), ''];
          for (const count = 1 + random.integer(3); text.length < count; ) {
            const symbol = (['a', 'b', 'c'] as const)[random.integer(3)]!;
            const length = Math.floor((0.12 + 0.05 * random.uniform()) * rate);
            for (let i = 0; i < length; i++) sound[at + i]! += Math.sin((2 * Math.PI * tones[symbol] * i) / rate);
            at += length + Math.floor(0.06 * rate);
            text += symbol;
          }
          return { input: sound, target: text };
        },
      }),
    });
    const network = await createNetwork({
      trunk: convTrunk({ width: 32, depth: 2, kernel: 3 }),
      tasks: [task],
      seed: 1,
    });
    await lastValueFrom(train(network, { steps: 250, batch: 16, seed: 1 }));
    const metrics = (await evaluate(network)).tones!;
    network.dispose();
    expect(metrics['character-error-rate']).toBeLessThan(0.1);
  });
});
