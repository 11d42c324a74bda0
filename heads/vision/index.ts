// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { balancedWeights } from '../class-weights.ts';
export type { ImageAugmentation } from './augment/augmentation.ts';
export { horizontalFlip } from './augment/horizontal-flip.ts';
export { type Classification, type ClassifierOptions, classifier } from './heads/classifier.ts';
export { type Mask, type Segmentation, type SegmenterOptions, segmenter } from './heads/segmenter.ts';
export type { Image, ImageOptions } from './image.ts';
export { type ConvStemOptions, convStem, featureOf } from './stems/conv.ts';
export { type PatchStemOptions, patchStem } from './stems/patch.ts';
