import { defineTask } from 'banyan-ml';
import * as vision from 'banyan-ml/heads/vision';
import { idxPictures } from './idx-pictures.ts';

const height = 28;
const width = 28;
/** Fashion-MNIST's own names. */
export const classes = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

/** Fashion-MNIST: which of ten kinds of clothing a grey picture shows. */
export const clothing = defineTask({
  name: 'clothing',
  stem: vision.convStem({
    height,
    width,
    channels: 1,
    filters: [32, 64],
    mean: 0.286,
    deviation: 0.353,
    augment: [vision.horizontalFlip()],
  }),
  head: vision.classifier({ classes }),
  source: idxPictures({
    folder: 'vision/fashion-mnist',
    licence: 'MIT',
    description: 'Fashion-MNIST: grey pictures of clothing, 28 x 28, 10 classes (Xiao et al. 2017)',
    height,
    width,
    classes: classes.length,
  }),
});
