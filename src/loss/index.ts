export { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
export { knownNumbers } from './known-numbers.ts';
export { squaredError } from './squared-error.ts';
