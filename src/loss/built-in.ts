// The built-in kinds of loss, a line each.
export { absoluteErrorKind } from './absolute-error.ts';
export { binaryCrossEntropyKind } from './binary-cross-entropy.ts';
export { cornKind } from './corn.ts';
export { crossEntropyKind } from './cross-entropy.ts';
export { diceKind } from './dice.ts';
export { gaussianLikelihoodKind } from './gaussian-likelihood.ts';
export { huberKind } from './huber.ts';
export { sequenceCrossEntropyKind } from './sequence-cross-entropy.ts';
export { squaredErrorKind } from './squared-error.ts';
