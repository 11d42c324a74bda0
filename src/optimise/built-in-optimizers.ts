// The built-in kinds of optimiser, a line each.
export { adafactorKind } from './adafactor.ts';
export { adagradKind } from './adagrad.ts';
export { adamKind } from './adam.ts';
export { adamWKind } from './adamw.ts';
export { lambKind } from './lamb.ts';
export { lionKind } from './lion.ts';
export { muonKind } from './muon.ts';
export { rmspropKind } from './rmsprop.ts';
export { scheduleFreeAdamWKind } from './schedule-free-adamw.ts';
export { sgdKind } from './sgd.ts';
