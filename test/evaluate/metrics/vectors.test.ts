// Every metric that scikit-learn, scipy or a formula gives a value for.
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  auroc,
  averagePrecision,
  calibrationError,
  characterErrorRate,
  f1,
  logLoss,
  macroF1,
  matthews,
  meanAbsoluteError,
  meanIou,
  pearson,
  perplexity,
  precision,
  recall,
  rmse,
  rSquared,
  spearman,
  topKAccuracy,
  wordErrorRate,
} from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';
import { golden } from '../../golden.ts';

interface Case<Inputs> {
  readonly id: string;
  readonly inputs: Inputs;
  readonly value: number;
}

const vectors = golden<{
  cases: Case<{ y_true: number[]; y_pred: number[] }>[];
  masks: Case<{ y_true: number[][][]; y_pred: number[][][] }>[];
  probabilities: Case<{ y_true: number[]; prob: number[][] }>[];
  binary: Case<{ y_true: number[]; score: number[] }>[];
  tags: Case<{ y_true: number[][]; y_pred?: number[][]; score?: number[][] }>[];
  tokens: Case<{ logits: number[][][]; target: number[][] }>[];
  sequences: Case<{ references: string[]; hypotheses: string[] }>[];
}>('metrics');

/** Feeds a metric twice, with a reset between, and compares. */
function expectValue<Target, Prediction>(
  metric: Metric<Target, Prediction>,
  targets: readonly Target[],
  predictions: readonly Prediction[],
  value: number,
) {
  expect(metric.result()).toBeNaN();
  for (let round = 0; round < 2; round++) {
    for (const [i, target] of targets.entries()) metric.update(target, predictions[i]!);
    expect(Math.abs(metric.result() - value)).toBeLessThanOrEqual(1e-12 + 1e-10 * Math.abs(value));
    metric.reset();
  }
  expect(metric.result()).toBeNaN();
}

function inputsOf<Inputs>(cases: readonly Case<Inputs>[], id: string): Case<Inputs> {
  return cases.find((example) => example.id === id)!;
}

describe('metrics of classes and numbers', () => {
  it.each([
    ['accuracy', accuracy()],
    ['precision_macro', precision()],
    ['precision_micro', precision({ average: 'micro' })],
    ['precision_weighted', precision({ average: 'weighted' })],
    ['recall_macro', recall()],
    ['recall_micro', recall({ average: 'micro' })],
    ['recall_weighted', recall({ average: 'weighted' })],
    ['f1_macro', f1()],
    ['f1_macro', macroF1(4)],
    ['f1_micro', f1({ average: 'micro' })],
    ['f1_weighted', f1({ average: 'weighted' })],
    ['mcc', matthews()],
    ['miou', meanIou()],
  ] as [string, Metric][])('%s', (id, metric) => {
    const { inputs, value } = inputsOf(vectors.cases, id);
    expectValue(
      metric,
      inputs.y_true,
      inputs.y_pred.map((label) => ({ class: label })),
      value,
    );
  });

  it.each([
    ['reg_mae', meanAbsoluteError],
    ['reg_rmse', rmse],
    ['reg_r2', rSquared],
    ['reg_pearson', pearson],
    ['reg_spearman', spearman],
  ] as const)('%s', (id, make) => {
    const { inputs, value } = inputsOf(vectors.cases, id);
    expectValue(make(), inputs.y_true, inputs.y_pred, value);
    const [targets, estimates] = [inputs.y_true.map((y) => [y]), inputs.y_pred.map((y) => ({ values: [y] }))];
    expectValue(make(), targets, estimates, value);
  });
});

describe('metrics of masks', () => {
  it.each([
    ['miou_ignore', meanIou],
    ['pixel_acc_ignore', accuracy],
  ] as const)('%s', (id, make) => {
    const { inputs, value } = inputsOf(vectors.masks, id);
    const targets = inputs.y_true.map((mask) => mask.flat().map((label) => (label === 255 ? -1 : label)));
    const predictions = inputs.y_pred.map((mask) => ({ mask: Int32Array.from(mask.flat()) }));
    expectValue(make(), targets, predictions, value);
  });
});

describe('metrics of probabilities', () => {
  it.each([
    ['auroc_ovr_macro', auroc()],
    ['log_loss', logLoss()],
    ['top2', topKAccuracy(2)],
    ['ece10', calibrationError({ bins: 10 })],
  ] as [string, Metric][])('%s', (id, metric) => {
    const { inputs, value } = inputsOf(vectors.probabilities, id);
    expectValue(
      metric,
      inputs.y_true,
      inputs.prob.map((probabilities) => ({ probabilities })),
      value,
    );
  });

  // What counts is the order of the scores.
  const probabilityOf = (score: number) => 1 / (1 + Math.exp(-score));

  it.each([
    ['auroc_binary', auroc],
    ['average_precision', averagePrecision],
  ] as const)('%s', (id, make) => {
    const { inputs, value } = inputsOf(vectors.binary, id);
    const odds = inputs.score.map(probabilityOf);
    const classes = odds.map((p) => ({ probabilities: [1 - p, p] }));
    expectValue(make(), inputs.y_true, classes, value);
    const [targets, tags] = [inputs.y_true.map((there) => [there]), odds.map((p) => ({ probabilities: [p] }))];
    expectValue(make(), targets, tags, value);
  });

  it.each([
    ['ml_f1_micro', f1({ average: 'micro' })],
    ['ml_f1_macro', f1()],
    ['ml_map', averagePrecision()],
  ] as const)('%s', (id, metric) => {
    const { inputs, value } = inputsOf(vectors.tags, id);
    const odds = inputs.y_pred ?? inputs.score!.map((row) => row.map(probabilityOf));
    expectValue(
      metric as Metric,
      inputs.y_true,
      odds.map((probabilities) => ({ probabilities })),
      value,
    );
  });

  it('perplexity', () => {
    const { inputs, value } = inputsOf(vectors.tokens, 'perplexity');
    const targets = inputs.target.map((row) => row.map((symbol) => (symbol === -100 ? -1 : symbol)));
    const predictions = inputs.logits.map((rows) => ({ probabilities: rows.map(softmax) }));
    expectValue(perplexity(), targets, predictions, value);
  });
});

describe('metrics of texts', () => {
  it.each([
    ['wer', wordErrorRate],
    ['cer', characterErrorRate],
  ] as const)('%s', (id, make) => {
    const { inputs, value } = inputsOf(vectors.sequences, id);
    expectValue(
      make(),
      inputs.references,
      inputs.hypotheses.map((text) => ({ text })),
      value,
    );
  });
});

function softmax(logits: readonly number[]): number[] {
  const exponentials = logits.map(Math.exp);
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((x) => x / sum);
}
