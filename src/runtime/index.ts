export { CaptureError, labelled, type Precision, type Trace, updateInPlace } from './capture/index.ts';
export { detached } from './detached.ts';
export { type Diagnosis, doctor } from './doctor.ts';
export { doctorCommand } from './doctor-command.ts';
export { isGone } from './gone.ts';
export { isHalfDone } from './half-done.ts';
export { hasKernels } from './kernels/kernels.ts';
export { isOutOfMemory, mostMemory, outOfMemory, withinMemory } from './memory.ts';
export {
  batchNormAttributes,
  flagAttributes,
  hasOperations,
  operation,
  operations,
  realAttributes,
  typeAttributes,
} from './operation.ts';
export type { Prepared } from './prepared.ts';
export type { CompileMode, Computation, Results, Runner } from './runner.ts';
export {
  createRunner,
  type Requirement,
  type Runtime,
  type RuntimeIdentity,
  runtimeIdentity,
  startRuntime,
} from './runtime.ts';
export { cacheFolder } from './setup/cache.ts';
export { setupCommand } from './setup/command.ts';
export { type SetupOptions, type SetupResult, setup } from './setup/setup.ts';
export { type VerifiedSetup, verifySetups } from './setup/verify.ts';
export { withoutStrangers } from './strangers.ts';
export type { HostTensor } from './tensorflow/index.ts';
