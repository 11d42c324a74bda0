import { defineTask } from 'banyan-ml';
import * as vision from 'banyan-ml/heads/vision';
import { idxPictures } from './idx-pictures.ts';

const height = 28;
const width = 28;

/** MNIST: which digit was written by hand. */
export const digits = defineTask({
  name: 'digits',
  stem: vision.convStem({ height, width, channels: 1, filters: [32, 64], mean: 0.1307, deviation: 0.3081 }),
  head: vision.classifier({ classes: 10 }),
  source: idxPictures({
    folder: 'vision/mnist',
    licence: 'CC BY-SA 3.0 (as usually stated)',
    description: 'MNIST: grey pictures of handwritten digits, 28 x 28, 10 classes (LeCun et al. 1998)',
    height,
    width,
    classes: 10,
  }),
});
