export { type AdafactorOptions, adafactor } from './adafactor.ts';
export { type AdagradOptions, adagrad } from './adagrad.ts';
export { adam } from './adam.ts';
export type { AdamOptions } from './adam-rule.ts';
export { adamW } from './adamw.ts';
export { clipByGlobalNorm, globalNorm } from './clip.ts';
export { constantSchedule } from './constant.ts';
export { OPTIMIZER_KIND, optimizerKinds, SCHEDULE_KIND, scheduleKinds } from './kinds.ts';
export { lamb } from './lamb.ts';
export { type LionOptions, lion } from './lion.ts';
export { type MuonOptions, muon } from './muon.ts';
export {
  type Optimizer,
  type Slot,
  slotsFor,
  type Update,
  type UpdateInputs,
  type VariableFacts,
} from './optimizer.ts';
export { type RmspropOptions, rmsprop } from './rmsprop.ts';
export type { Schedule } from './schedule.ts';
export { type ScheduleFreeOptions, scheduleFreeAdamW } from './schedule-free-adamw.ts';
export { type SgdOptions, sgd } from './sgd.ts';
export { type WarmupCosineOptions, warmupCosine } from './warmup-cosine.ts';
