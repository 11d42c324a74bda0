// The built-in kinds of trunk, a line each.
export { convKind } from './conv.ts';
export { denseKind } from './dense.ts';
export { encoderKind } from './encoder.ts';
export { multiModelKind } from './multi-model/multi-model.ts';
export { stackedKind } from './stacked.ts';
export { transformerKind } from './transformer.ts';
