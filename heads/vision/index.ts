// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export type { Augmentation } from '../augmentation.ts';
export { balancedWeights } from '../class-weights.ts';
export { type MixupOptions, mixup } from '../mixup.ts';
export type { ImageAugmentation } from './augment/augmentation.ts';
export { type ColourOptions, colour } from './augment/colour.ts';
export { type CropOptions, crop } from './augment/crop.ts';
export { type CutmixOptions, cutmix } from './augment/cutmix.ts';
export { type ErasingOptions, erasing } from './augment/erasing.ts';
export { horizontalFlip } from './augment/horizontal-flip.ts';
export { type RandAugmentOptions, randAugment } from './augment/rand-augment.ts';
export { type RotationOptions, rotation } from './augment/rotation.ts';
export { type ShiftOptions, shift } from './augment/shift.ts';
export { type Classification, type ClassifierOptions, classifier } from './heads/classifier.ts';
export {
  type Reconstruction,
  type ReconstructionOptions,
  type ReconstructionOutput,
  reconstruction,
} from './heads/reconstruction.ts';
export { type Mask, type Segmentation, type SegmenterOptions, segmenter } from './heads/segmenter.ts';
export type { Image, ImageOptions } from './image.ts';
export { type CodeStemOptions, codeStem } from './stems/code.ts';
export { type ConvStemOptions, convStem, featureOf } from './stems/conv.ts';
export { type PatchStemOptions, patchStem } from './stems/patch.ts';
export { type ResidualStemOptions, residualStem } from './stems/residual.ts';
