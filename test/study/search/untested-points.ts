// The small tasks on points of the plane, with a test split that must not be read.

import type * as tf from '@tensorflow/tfjs';
import { defineTask, type StemContext, taskPlugin } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';

type Point = readonly [x: number, y: number];

const points = Array.from({ length: 300 }, (_, i): Point => [Math.sin(i), Math.cos(2 * i)]);

function untested(rule: (point: Point) => boolean) {
  const targets = points.map((point) => Number(rule(point)));
  const source = arraySource({ inputs: points, targets, validation: 0.3 });
  return {
    ...source,
    counts: { ...source.counts, test: 10 },
    read: (...request: Parameters<typeof source.read>) => {
      if (request[0] === 'test') throw new Error('A search has read the test split.');
      return source.read(...request);
    },
  };
}

const pointStem = (context: StemContext) => {
  context.settings({ version: 1 });
  const kernel = context.variable('kernel', [2, context.width], 'glorotNormal');
  return {
    modality: 'point',
    inputShape: [2],
    prepare: (raw: Point) => Float32Array.from(raw),
    forward: (batch: tf.Tensor) => batch.matMul(kernel as tf.Tensor).expandDims(1) as tf.Tensor3D, // [batch, 1, width]
  };
};

const pointsTask = <const Name extends string>(name: Name, rule: (point: Point) => boolean) =>
  defineTask({ name, stem: pointStem, head: vision.classifier({ classes: 2 }), source: untested(rule) });

export default taskPlugin(
  pointsTask('above', ([x, y]) => y > x),
  pointsTask('right', ([x, y]) => x + 0.5 * y > 0),
);
