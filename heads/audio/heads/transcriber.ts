import type * as tf from '@tensorflow/tfjs';
import {
  BanyanError,
  blankPadding,
  characterErrorRate,
  ctc,
  errorRate,
  type HeadFactory,
  type Metric,
  wordErrorRate,
} from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { bestRuns } from '../ctc-decoding.ts';
import { decodeTranscript, framesOf, type Transcription } from '../decodings/transcript.ts';

export type { Transcription };

/** So many lengths may a batch of targets have. */
const BUCKETS = 4;

export interface TranscriberOptions {
  /** The symbols that can be said, without a blank: the characters of a text, or names such as those of phonemes. */
  readonly symbols: string | readonly string[];
  /** The most symbols of a target. */
  readonly length: number;
  /** So many beginnings are followed when a prediction is made; 1 takes the likeliest symbol of each frame. Default 1. */
  readonly beam?: number;
}

/** What was said: a text, or a list of symbols. */
export type Transcript = string | readonly string[];

/**
 * Makes the head that writes down what is said, where nobody tells when (connectionist temporal classification: Graves et al. 2006): a linear
 * layer on each token gives logits `[batch, frames, 1 + symbols]`, of which the first is the blank, and the loss is `ctc`. A target is a
 * text of such characters, or a list of such symbols, and may be empty; each symbol needs a token of its own, and one more between two equal
 * ones. A prediction takes the likeliest symbol of each frame, or the likeliest sequence by a search over prefixes (Hannun et al. 2014).
 * Metrics are the error rate of characters, and of words where a space is among them; of other symbols theirs.
 * @throws BanyanError `argument` for an option that is wrong; `data`, when a target is prepared, for a symbol that there is not, or more of
 * them than fit.
 */
export function transcriber(options: TranscriberOptions): HeadFactory<Transcript, Transcription, tf.Tensor3D> {
  const { length, beam = 1 } = options;
  const symbols = [...options.symbols];
  const ids = new Map(symbols.map((symbol, i) => [symbol, i + 1]));
  if (symbols.length === 0 || ids.size < symbols.length || ids.has('')) {
    throw new BanyanError(
      'argument',
      `transcriber: expected at least one symbol, each of them once and none empty, received [${symbols.map((symbol) => JSON.stringify(symbol)).join(', ')}]. Correct "symbols".`,
    );
  }
  check('transcriber', { length, beam }, count);
  const loss = ctc();
  const size = 1 + symbols.length;
  const metrics = metricsOf(symbols);

  return (context) => {
    context.settings({ symbols, length });
    const logits = linear(context, 'logits', context.width, size);
    return {
      target: {
        shape: [length],
        dtype: 'int32',
        lengths: [...new Set(Array.from({ length: BUCKETS }, (_, i) => Math.ceil((length * (i + 1)) / BUCKETS)))],
        prepare: (target) => idsOf(context.task, target, ids, length, context.positions),
      },
      metrics: metrics(),
      forward: (tokens, { mask }) => {
        const scores = logits(tokens); // [batch, frames, 1 + symbols]
        return mask === undefined ? scores : blankPadding(scores, mask);
      },
      loss: (output, target) => loss(output, target), // [batch]
      decoding: { kind: 'transcript', beam },
      decode: decodeTranscript({ symbols, beam }),
      outcomes: {
        names: [],
        // The mean logit of a symbol over the frames in which it is the likeliest, whatever the beam.
        found: (output) => ({
          outcomes: bestRuns(framesOf(output, size)).map(({ symbol, frames }, i) => ({
            name: symbols[symbol - 1]!,
            place: `symbol ${i}`,
            terms: frames.map((frame) => [frame * size + symbol, 1 / frames.length] as const),
          })),
          best: 0,
        }),
      },
      explain: ({ text }, target) => {
        const expected = target === undefined ? undefined : symbolsOf(target).join('');
        return {
          predicted: text || '(nothing)',
          ...(expected === undefined ? {} : { expected: expected || '(nothing)', right: expected === text }),
        };
      },
    };
  };
}

/** The symbols of what was said; characters with their accents composed. */
const symbolsOf = (said: Transcript): readonly string[] =>
  typeof said === 'string' ? [...said.normalize('NFC')] : said;

function metricsOf(symbols: readonly string[]): () => Metric<Transcript, Transcription>[] {
  const areCharacters = symbols.every((symbol) => [...symbol].length === 1);
  const over = <Sequence>(
    metric: Metric<Sequence, Sequence>,
    pick: (symbols: readonly string[]) => Sequence,
  ): Metric<Transcript, Transcription> => ({
    ...metric,
    update: (target, said) => metric.update(pick(symbolsOf(target)), pick(said.symbols)),
  });
  if (!areCharacters) return () => [over(errorRate() as Metric<readonly string[], readonly string[]>, (list) => list)];
  const join = (list: readonly string[]) => list.join('');
  return () => [
    over(characterErrorRate() as Metric<string, string>, join),
    ...(symbols.includes(' ') ? [over(wordErrorRate() as Metric<string, string>, join)] : []),
  ];
}

function idsOf(
  task: string,
  target: Transcript,
  ids: ReadonlyMap<string, number>,
  length: number,
  frames: number | undefined,
): Int32Array {
  const fail = (what: string, mend: string) => new BanyanError('data', `Task "${task}": ${what}. ${mend}`);
  if (typeof target !== 'string' && !Array.isArray(target)) {
    throw fail(
      `expected a text, or a list of symbols, as target, received ${JSON.stringify(target)}`,
      'Give undefined where one is missing.',
    );
  }
  const said = symbolsOf(target);
  const wrong = said.find((symbol) => !ids.has(symbol));
  if (wrong !== undefined || said.includes(undefined as never)) {
    throw fail(
      `a target has the symbol ${JSON.stringify(wrong)}, expected one of ${[...ids.keys()].map((symbol) => JSON.stringify(symbol)).join(', ')}`,
      'Correct the target, or add it to the transcriber\'s "symbols".',
    );
  }
  if (said.length > length) {
    throw fail(
      `a target has ${said.length} symbols, expected at most ${length}`,
      'Raise the transcriber\'s "length", or leave such examples out.',
    );
  }
  const needed = said.length + said.filter((symbol, i) => symbol === said[i - 1]).length;
  if (frames !== undefined && needed > frames) {
    throw fail(
      `a target of ${said.length} symbols needs ${needed} tokens, one each and one between equal ones, and its stem gives ${frames}`,
      'Let the stem give more, such as by a smaller hop, or leave such examples out.',
    );
  }
  // A label has at least one number: nothing is said where that is padding.
  return said.length === 0 ? Int32Array.of(0) : Int32Array.from(said, (symbol) => ids.get(symbol)!);
}
