export { permute } from './permutation.ts';
export { type Randomness, RandomRoot, stepKey } from './randomness.ts';
export { checkSeed } from './seed.ts';
export { stratifiedOrder } from './stratified.ts';
export { RandomStream } from './stream.ts';
