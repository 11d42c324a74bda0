export {
  CaptureError,
  currentLabel,
  labelled,
  type Precision,
  type Trace,
  updateInPlace,
  withoutStrangers,
} from './capture/index.ts';
export type { Portable, PortableGraph, PortableOutput } from './capture/portable.ts';
export type { CompileMode, Computation, ComputationKind, KeyPart, Results } from './execute/computation.ts';
export { isGone } from './execute/gone.ts';
export { isHalfDone } from './execute/half-done.ts';
export type { Prepared } from './execute/prepared.ts';
export type { Runner } from './execute/runner.ts';
export { type Diagnosis, doctor } from './install/doctor.ts';
export { cacheFolder } from './install/setup/cache.ts';
export { type SetupOptions, type SetupResult, setup } from './install/setup/setup.ts';
export { type VerifiedSetup, verifySetups } from './install/setup/verify.ts';
export { findSideCar, runSideCar, type SideCarPython } from './install/side-car/find.ts';
export { installSideCar, type SideCarResult } from './install/side-car/install.ts';
export { OPTUNA } from './install/side-car/optuna.ts';
export { TFLITE } from './install/side-car/tflite.ts';
export { hasKernels, kernelsInUse } from './kernels/kernels.ts';
export { isOutOfMemory, mostMemory, outOfMemory, withinMemory } from './memory.ts';
export { detached } from './operations/detached.ts';
export {
  batchNormAttributes,
  flagAttributes,
  hasOperations,
  integerAttributes,
  operation,
  operations,
  realAttributes,
  typeAttributes,
} from './operations/operation.ts';
export { SummaryWriter } from './operations/summary-writer.ts';
export {
  createRunner,
  openClusterContext,
  openSavedModel,
  type Requirement,
  type Runtime,
  type RuntimeIdentity,
  runtimeIdentity,
  type StartOptions,
  startRuntime,
} from './runtime.ts';
export { typeAttribute } from './tensorflow/attributes.ts';
export type { HostTensor } from './tensorflow/index.ts';
export { nodeBackend } from './tfjs-node/backend.ts';
