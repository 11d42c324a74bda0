// The metrics take what the heads of the package predict.
import { regressor } from 'banyan-ml/heads/table';
import * as vision from 'banyan-ml/heads/vision';
import { expect, it } from 'vitest';
import { metricKinds } from '../../../src/evaluate/index.ts';
import { createNetwork, defineTask, denseTrunk, startRuntime } from '../../../src/index.ts';
import { inputs, numbersSource, stemOf } from '../../fixtures.ts';

await startRuntime();

it.each([2, 3])('of probabilities and of classes measure a classifier of %i classes', async (classes) => {
  const source = numbersSource((_, i) => i % classes);
  const task = defineTask({ name: 't', stem: stemOf, head: vision.classifier({ classes }), source });
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed: 1 });
  const predictions = await network.predict('t', inputs.slice(0, 20));
  network.dispose();
  const kinds = [
    'accuracy',
    'auroc',
    'average-precision',
    'calibration-error',
    'f1',
    'log-loss',
    'matthews',
    'mean-iou',
    'perplexity',
    'precision',
    'recall',
    { kind: 'top-k-accuracy', k: 2 },
  ];
  for (const kind of kinds) {
    const metric = metricKinds.build(kind);
    for (const [i, prediction] of predictions.entries()) metric.update(i % classes, prediction);
    expect(metric.result(), metric.name).not.toBeNaN();
  }
  expect(() => metricKinds.build('rmse').update(0, predictions[0])).toThrow('expected a number, or a list of numbers');
});

it('of numbers measure a regressor', async () => {
  const task = defineTask({
    name: 't',
    stem: stemOf,
    head: regressor({ loss: 'gaussian' }),
    source: numbersSource((x) => x[0]!),
  });
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed: 1 });
  const predictions = await network.predict('t', inputs.slice(0, 20));
  network.dispose();
  for (const kind of ['mean-absolute-error', 'pearson', 'r-squared', 'rmse', 'spearman']) {
    const metric = metricKinds.build(kind);
    for (const [i, prediction] of predictions.entries()) metric.update(inputs[i]![0]!, prediction);
    expect(metric.result(), kind).not.toBeNaN();
  }
  expect(() => metricKinds.build('auroc').update(0, predictions[0])).toThrow(
    'expected a prediction with `probabilities`',
  );
});
