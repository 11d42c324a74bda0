export { all } from './all.ts';
export { SAMPLER_KIND, samplerKinds } from './kinds.ts';
export { type RoundRobinOptions, roundRobin } from './round-robin.ts';
export type { DrawRequest, SampledStep, SampledTask, Sampler, SamplerState } from './sampler.ts';
