export { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
export { squaredError } from './squared-error.ts';
