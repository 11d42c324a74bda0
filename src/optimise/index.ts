export { type AdafactorOptions, adafactor } from './adafactor.ts';
export { type AdagradOptions, adagrad } from './adagrad.ts';
export { adam } from './adam.ts';
export type { AdamOptions } from './adam-rule.ts';
export { adamW } from './adamw.ts';
export type { Average, AveragingOptions } from './averages/average.ts';
export { type CheckpointAverageOptions, checkpointAverage } from './averages/checkpoints.ts';
export { type ExponentialAverageOptions, exponentialAverage } from './averages/exponential.ts';
export { type StochasticAverageOptions, stochasticAverage } from './averages/stochastic.ts';
export { clipByGlobalNorm, globalNorm } from './clip.ts';
export { constantSchedule } from './constant.ts';
export { type CosineScheduleOptions, cosineSchedule } from './cosine.ts';
export { type ExponentialScheduleOptions, exponentialSchedule } from './exponential.ts';
export { type InverseSqrtOptions, inverseSqrt } from './inverse-sqrt.ts';
export { AVERAGE_KIND, averageKinds, OPTIMIZER_KIND, optimizerKinds, SCHEDULE_KIND, scheduleKinds } from './kinds.ts';
export { lamb } from './lamb.ts';
export { type LinearScheduleOptions, linearSchedule } from './linear.ts';
export { type LionOptions, lion } from './lion.ts';
export { type MultiStepOptions, multiStep } from './multi-step.ts';
export { type MuonOptions, muon } from './muon.ts';
export { type OneCycleOptions, oneCycle } from './one-cycle.ts';
export {
  type Optimizer,
  type Slot,
  slotsFor,
  type Update,
  type UpdateInputs,
  type VariableFacts,
} from './optimizer.ts';
export { type PlateauOptions, reduceOnPlateau } from './plateau.ts';
export { type PolynomialScheduleOptions, polynomialSchedule } from './polynomial.ts';
export { type RmspropOptions, rmsprop } from './rmsprop.ts';
export type { JudgedTask, Schedule, ScheduleFollower } from './schedule.ts';
export { type ScheduleFreeOptions, scheduleFreeAdamW } from './schedule-free-adamw.ts';
export type { FloorOption } from './schedule-options.ts';
export { type SgdOptions, sgd } from './sgd.ts';
export { type StepScheduleOptions, stepSchedule } from './step.ts';
export type { WarmupOption } from './warmup.ts';
export { type WarmupCosineOptions, warmupCosine } from './warmup-cosine.ts';
