// The built-in kinds of loss, a line each.
export { crossEntropyKind } from './cross-entropy.ts';
export { sequenceCrossEntropyKind } from './sequence-cross-entropy.ts';
export { squaredErrorKind } from './squared-error.ts';
