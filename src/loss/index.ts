export { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
export { LOSS_KIND, lossKinds } from './kinds.ts';
export { knownNumbers } from './known-numbers.ts';
export type { Loss } from './loss.ts';
export { sequenceCrossEntropy } from './sequence-cross-entropy.ts';
export { squaredError } from './squared-error.ts';
