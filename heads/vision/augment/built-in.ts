// The built-in augmentations of pictures, a line each.
export { colourKind } from './colour.ts';
export { cropKind } from './crop.ts';
export { cutmixKind } from './cutmix.ts';
export { erasingKind } from './erasing.ts';
export { horizontalFlipKind } from './horizontal-flip.ts';
export { mixupKind } from './mixup.ts';
export { randAugmentKind } from './rand-augment.ts';
export { rotationKind } from './rotation.ts';
export { shiftKind } from './shift.ts';
