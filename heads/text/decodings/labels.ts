import { logSoftmax } from '../../log-softmax.ts';
import { likeliestLabels } from '../spans.ts';

/** A label for each word of a text. */
export interface Labelled {
  readonly labels: readonly string[];
  /** How likely the network thought each word's label. */
  readonly probabilities: Float32Array;
}

/** Settings of `tagger` by which scores become labels. */
export interface LabelsSettings {
  readonly labels: readonly string[];
}

/** One sample of the head's output: logits `[positions, labels]`, and which of the positions are words. */
export interface LabelsOutput {
  readonly scores: Float32Array;
  readonly words: Float32Array;
}

/** Makes what gives each word its label. */
export function decodeLabels({ labels }: LabelsSettings): (output: LabelsOutput) => Labelled {
  return (output) => {
    const { rows, path } = labelsIn(output, labels);
    return {
      labels: path.map((label) => labels[label]!),
      probabilities: Float32Array.from(path, (label, i) => Math.exp(rows[i]![label]!)),
    };
  };
}

/** The log-probabilities of each word's labels, and which of them are the likeliest. */
export function labelsIn({ scores, words }: LabelsOutput, labels: readonly string[]) {
  const number = words.reduce((sum, word) => sum + word, 0);
  const rows = Array.from({ length: number }, (_, i) =>
    logSoftmax(scores.subarray(i * labels.length, (i + 1) * labels.length)),
  );
  return { rows, path: likeliestLabels(rows, labels) };
}
