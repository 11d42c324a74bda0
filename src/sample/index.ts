// Node's types come with ours, as in the package's main entry.
/// <reference types="node" preserve="true" />

import '../one-copy.ts';

export { all } from './all.ts';
export { type AnnealedOptions, annealed } from './annealed.ts';
export { type BanditOptions, bandit } from './bandit.ts';
export { type ByLossOptions, byLoss } from './by-loss.ts';
export { samplerForTasks, samplerTaskNames } from './for-tasks.ts';
export { SAMPLER_KIND, samplerKinds } from './kinds.ts';
export { type ProportionalOptions, proportional } from './proportional.ts';
export { type RoundRobinOptions, roundRobin } from './round-robin.ts';
export type {
  DrawRequest,
  SampledMetrics,
  SampledStep,
  SampledTask,
  SampledTraining,
  Sampler,
  SamplerState,
} from './sampler.ts';
export { type ScheduledOptions, type ScheduledPoint, scheduled } from './scheduled.ts';
export { type TemperatureOptions, temperature } from './temperature.ts';
export { type ValidationOptions, validation } from './validation.ts';
