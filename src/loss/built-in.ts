// The built-in kinds of loss, a line each.
export { absoluteErrorKind } from './absolute-error.ts';
export { binaryCrossEntropyKind } from './binary-cross-entropy.ts';
export { binaryFocalKind } from './binary-focal.ts';
export { cornKind } from './corn.ts';
export { crossEntropyKind } from './cross-entropy.ts';
export { ctcKind } from './ctc.ts';
export { diceKind } from './dice.ts';
export { focalKind } from './focal.ts';
export { gaussianLikelihoodKind } from './gaussian-likelihood.ts';
export { huberKind } from './huber.ts';
export { infoNceKind } from './info-nce.ts';
export { sequenceCrossEntropyKind } from './sequence-cross-entropy.ts';
export { squaredErrorKind } from './squared-error.ts';
