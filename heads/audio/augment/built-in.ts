// The built-in augmentations of sounds, a line each.
export { maskMelsKind, maskTimeKind } from './mask.ts';
export { mixupKind } from './mixup.ts';
export { noiseKind } from './noise.ts';
export { speedKind } from './speed.ts';
export { timeShiftKind } from './time-shift.ts';
