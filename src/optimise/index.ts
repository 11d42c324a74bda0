export { type AdamOptions, adam, adamW } from './adam.ts';
export { clipByGlobalNorm, globalNorm } from './clip.ts';
export type { Optimizer, Update, UpdateInputs } from './optimizer.ts';
export { constantSchedule, type Schedule, type WarmupCosineOptions, warmupCosine } from './schedule.ts';
export { type SgdOptions, sgd } from './sgd.ts';
