import type { z } from 'zod';
import { metricKinds } from '../../../src/evaluate/index.ts';
import * as banyan from '../../../src/index.ts';
import type { Kind } from '../../../src/kind/index.ts';
import { lossKinds } from '../../../src/loss/index.ts';
import { code, table } from './markdown.ts';

interface Group {
  readonly title: string;
  readonly about: string;
  readonly kinds: readonly string[];
}

const LOSSES: readonly Group[] = [
  {
    title: 'Numbers',
    about: 'A target is `[batch, …]`, NaN for a number that is missing; a sample has the mean over its numbers.',
    kinds: ['absolute-error', 'gaussian-likelihood', 'huber', 'squared-error'],
  },
  {
    title: 'Classes and ranks',
    about: 'A target is the class of each sample, `[batch]`, from 0.',
    kinds: ['corn', 'cross-entropy', 'focal'],
  },
  {
    title: 'Tags',
    about:
      'A target is `[batch, tags]`: 1 for a tag that is there, 0 for one that is not, NaN where that is not known.',
    kinds: ['binary-cross-entropy', 'binary-focal'],
  },
  {
    title: 'Sequences and masks',
    about:
      'A target has a symbol from 1 for each position and 0 for padding; a mask has a class from 0 for each place, -1 where it is not known.',
    kinds: ['ctc', 'dice', 'sequence-cross-entropy'],
  },
  {
    title: 'Vectors',
    about: 'A target is the group of each sample, `[batch]`, from 1; 0 takes no part.',
    kinds: ['info-nce'],
  },
];

const METRICS: readonly Group[] = [
  {
    title: 'Classes',
    about:
      'They take `{ class }` for a target that is a class; or, for a list of classes, such as a mask, as many (a list, or `{ mask }`), where -1 in the target does not count. `f1`, `precision` and `recall` also take tags: `{ probabilities }` for a target with 1, 0 or NaN for each, or the names of those that are there, `{ tags }`, for such a list, as of the head `tags`.',
    kinds: ['accuracy', 'f1', 'macro-f1', 'matthews', 'mean-iou', 'precision', 'recall'],
  },
  {
    title: 'Probabilities',
    about:
      'They take `{ probabilities }`, one for each class, as `classifier` gives them; but for `calibration-error`, `perplexity` and `top-k-accuracy` also one for each tag, for a target with 1 or 0 for each, or NaN, or with the names of those that are there, as of the head `tags`. `perplexity` takes a list of them for a sequence; heads that write are always measured by theirs.',
    kinds: ['auroc', 'average-precision', 'calibration-error', 'log-loss', 'perplexity', 'top-k-accuracy'],
  },
  {
    title: 'Numbers',
    about:
      'They take a number, a list of numbers, `{ value }` or `{ values }`, as `regressor` gives them; NaN in a target does not count.',
    kinds: ['mean-absolute-error', 'pearson', 'r-squared', 'rmse', 'spearman'],
  },
  {
    title: 'Texts and sequences',
    about:
      'They take a text, or `{ text }`, as `writer` gives it; `bleu`, `error-rate` and `exact-match` also a list of symbols, and `span-f1` a list of labels, or `{ labels }`. All but `span-f1` take several right texts as a target, `{ texts }`: the nearest counts, and in `bleu` the runs of each. With `words: 13a` and `smoothing: exponential`, `bleu` is what sacrebleu computes by itself.',
    kinds: ['bleu', 'bracket-f1', 'character-error-rate', 'error-rate', 'exact-match', 'span-f1', 'word-error-rate'],
  },
];

/** The page of all losses and metrics. */
export function lossesAndMetricsPage(): string {
  return [
    '# Losses and metrics',
    '',
    'This page is made from the code, and a test holds it. Each of these is a function of `banyan-ml`, whose doc comment has its definition, its',
    'source and what it does at the edges: a class that is absent, one class alone, nothing predicted.',
    '',
    '## Losses',
    '',
    'A loss takes an output and a target, `[batch, …]`, to one number a sample, `[batch]`; a head calls it in its own `loss`. A label that',
    'cannot be meant has the loss NaN, which training refuses with the name of the task.',
    '',
    ...LOSSES.flatMap((group) => section(group, lossKinds.kinds())),
    '## Metrics',
    '',
    'A metric adds up what it sees, so its figure does not depend on batches. An experiment names it by its kind, under `metrics:` of a',
    'task; a program calls the function. A prediction that a metric does not measure is an error that says what it takes.',
    '',
    ...METRICS.flatMap((group) => section(group, metricKinds.kinds())),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

/** The kinds that are in no group, or in two; and those that no function of the package makes. For the test. */
export function misplaced(): string[] {
  const kinds = [...lossKinds.kinds(), ...metricKinds.kinds()].map(({ kind }) => kind);
  const listed = [...LOSSES, ...METRICS].flatMap((group) => group.kinds);
  const odd = [...kinds, ...listed].filter((kind) => listed.filter((other) => other === kind).length !== 1);
  return [...odd, ...listed.filter((kind) => !(functionOf(kind) in banyan))];
}

const functionOf = (kind: string) => kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function section({ title, about, kinds }: Group, all: readonly Kind<unknown>[]): string[] {
  const rows = kinds.map((name) => {
    const { about: what, options } = all.find(({ kind }) => kind === name)!;
    const names = Object.keys((options as z.ZodObject).shape).map(code);
    return [code(name), code(functionOf(name)), what, names.join(', ')];
  });
  return [`### ${title}`, '', about, '', ...table(['kind', 'function', 'what it is', 'options'], rows)];
}
