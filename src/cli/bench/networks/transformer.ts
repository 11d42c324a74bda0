import * as tf from '@tensorflow/tfjs';
import { linear } from '../../../layers/index.ts';
import type { StemContext, StemFactory } from '../../../task/index.ts';
import { transformerTrunk } from '../../../trunk/index.ts';
import { type BenchNetwork, benchTask, CLASSES, numbers } from './bench-task.ts';

const WIDTH = 128;
const WORDS = 5000;

type Raw = Float32Array | Int32Array;

/** Makes tokens of vectors by one linear layer, plus a learned position. */
const vectors =
  (positions: number, size: number): StemFactory<Raw> =>
  (context: StemContext) => {
    const embed = linear(context, 'embed', size, WIDTH);
    const place = context.variable('positions', [positions, WIDTH], { normal: 0.02 });
    return {
      modality: 'vectors',
      inputShape: [positions, size],
      prepare: (raw) => raw,
      forward: (batch) => embed(batch as tf.Tensor3D).add(place), // [batch, positions, width]
    };
  };

/** Makes tokens of words by learned vectors, plus a learned position. */
const words =
  (positions: number): StemFactory<Raw> =>
  (context: StemContext) => {
    const embedding = context.variable('embedding', [WORDS, WIDTH], { normal: 1 });
    const place = context.variable('positions', [positions, WIDTH], { normal: 0.02 });
    return {
      modality: 'words',
      inputShape: [positions],
      prepare: (raw) => raw,
      forward: (batch) => tf.gather(embedding, batch as tf.Tensor2D).add(place) as tf.Tensor3D, // [batch, positions, width]
    };
  };

const { finish: _, ...trunk } = transformerTrunk({ width: WIDTH, depth: 4, heads: 4 });

export const transformer: BenchNetwork = {
  name: 'transformer-3-modalities',
  batches: [8, 32, 128],
  trunk,
  tasks: (batch) => [
    benchTask('pictures', CLASSES[0]!, vectors(16, 49), numbers(batch, 16 * 49)),
    benchTask('sounds', CLASSES[1]!, vectors(32, 64), numbers(batch, 32 * 64)),
    benchTask('texts', CLASSES[2]!, words(64), numbers(batch, 64, WORDS)),
  ],
};

/** It has three tasks on one input: stem and trunk run once for all of them. */
export const oneInput: BenchNetwork = {
  name: 'one-input',
  batches: [32],
  trunk,
  tasks: (batch) => {
    const [stem, source] = [vectors(49, 16), numbers(batch, 49 * 16)];
    return CLASSES.map((classes, i) => benchTask(`task-${i}`, classes, stem, source));
  },
};
