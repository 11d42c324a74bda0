// The built-in kinds of sampler, a line each.
export { allKind } from './all.ts';
export { annealedKind } from './annealed.ts';
export { banditKind } from './bandit.ts';
export { byLossKind } from './by-loss.ts';
export { proportionalKind } from './proportional.ts';
export { roundRobinKind } from './round-robin.ts';
export { scheduledKind } from './scheduled.ts';
export { temperatureKind } from './temperature.ts';
export { validationKind } from './validation.ts';
