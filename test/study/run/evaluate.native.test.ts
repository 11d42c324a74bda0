import type * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { regressor } from '../../../heads/table/index.ts';
import * as vision from '../../../heads/vision/index.ts';
import { evaluationText } from '../../../src/cli/print/evaluation.ts';
import { arraySource } from '../../../src/data/index.ts';
import {
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  linearBaseline,
  majorityBaseline,
  meanBaseline,
  type StemContext,
} from '../../../src/index.ts';
import { evaluateRun } from '../../../src/study/run/evaluate.ts';
import { numbersTask } from '../../fixtures.ts';

/** Three quarters of the points are of class 0. */
const inputs = Array.from({ length: 200 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const points = defineTask({
  name: 'points',
  stem: (context: StemContext) => {
    const kernel = context.variable('kernel', [2, context.width], 'glorotNormal');
    return {
      modality: 'point',
      inputShape: [2],
      prepare: (raw: readonly number[]) => Float32Array.from(raw),
      forward: (batch) => batch.matMul(kernel as tf.Tensor).expandDims(1) as tf.Tensor3D, // [batch, 1, width]
    };
  },
  head: vision.classifier({ classes: 2 }),
  source: arraySource({ inputs, targets: inputs.map(([x]) => Number(x! > 0.7)), validation: 0.25 }),
});

const heights = defineTask({
  name: 'heights',
  stem: points.stem,
  head: regressor(),
  source: arraySource({ inputs, targets: Float32Array.from(inputs, ([x]) => 3 * x! + 5), validation: 0.25 }),
});

it('an evaluation holds numbers against their mean, and a classification against chance and a linear model, on the split that it names', async () => {
  const network = await createNetwork({
    trunk: denseTrunk({ width: 4, depth: 1 }),
    tasks: [points, numbersTask('numbers'), heights],
  });
  const plain = await evaluateRun(network);
  expect(plain.metrics).toEqual(await evaluate(network));
  expect(plain.splits.points).toBe('validation');
  expect(plain.examples).toMatchObject({ points: 50 });
  expect(plain.chance).toEqual({
    points: await majorityBaseline(network, 'points'),
    heights: await meanBaseline(network, 'heights'),
  });
  expect(plain).not.toHaveProperty('linear');

  const linear = await evaluateRun(network, { linear: true });
  expect(linear.linear).toEqual({
    points: await linearBaseline(network, 'points'),
    heights: await linearBaseline(network, 'heights'),
  });
  // The heights are 3 x + 5.
  expect(linear.linear!.heights).toBeLessThan(0.01 * linear.chance.heights!);
  expect(evaluationText(linear)).toMatch(/ rmse of a linear model /);
  const [titles, , first] = evaluationText(linear).split('\n');
  expect(titles).toMatch(/^task +split +examples +accuracy +by chance +linear model .* loss$/);
  const { accuracy } = linear.metrics.points!;
  const figures = [accuracy!, linear.chance.points!, linear.linear!.points!].map((figure) => figure.toFixed(3));
  expect(first).toMatch(new RegExp(`^points +validation +50 +${figures.join(' +')}`));

  // Baselines are not measured there.
  const training = await evaluateRun(network, { split: 'training', linear: true });
  expect([training.splits.points, training.examples.points]).toEqual(['training', 150]);
  const text = evaluationText(plain);
  expect(text).toMatch(/ rmse +rmse of the mean /);
  expect(text).toMatch(
    new RegExp(`heights .* ${plain.metrics.heights!.rmse!.toFixed(3)} +${plain.chance.heights!.toFixed(3)}`),
  );
  expect([training.chance, training.linear]).toEqual([{}, {}]);
  network.dispose();
});
