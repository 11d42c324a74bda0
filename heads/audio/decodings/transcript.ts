import { logSoftmax } from '../../log-softmax.ts';
import { bestPath, prefixBeam } from '../ctc-decoding.ts';

/** What a recording says. */
export interface Transcription {
  /** The symbols, one after the other. */
  readonly text: string;
  readonly symbols: readonly string[];
}

/** Settings of `transcriber` by which scores become symbols. */
export interface TranscriptSettings {
  readonly symbols: readonly string[];
  readonly beam: number;
}

/** Makes what writes down what logits `[frames, 1 + symbols]` say. */
export function decodeTranscript({ symbols, beam }: TranscriptSettings): (logits: Float32Array) => Transcription {
  const size = 1 + symbols.length;
  return (logits) => {
    const frames = framesOf(logits, size);
    const said = (beam === 1 ? bestPath(frames) : prefixBeam(frames, beam)).map((id) => symbols[id - 1]!);
    return { text: said.join(''), symbols: said };
  };
}

/** The log-probabilities of the symbols in each frame, of logits `[frames, size]` in a row. */
export const framesOf = (logits: Float32Array, size: number): readonly Float64Array[] =>
  Array.from({ length: logits.length / size }, (_, i) => logSoftmax(logits.subarray(i * size, (i + 1) * size)));
