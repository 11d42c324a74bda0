export { cacheFolder } from './cache.ts';
export { CaptureError, labelled, type Trace } from './capture/index.ts';
export { type Diagnosis, doctor } from './doctor.ts';
export { doctorCommand } from './doctor-command.ts';
export type { CompileMode, Computation, Results, Runner } from './runner.ts';
export { createRunner, type Requirement, type Runtime, startRuntime } from './runtime.ts';
export { type SetupOptions, type SetupResult, setup } from './setup.ts';
export { setupCommand } from './setup-command.ts';
export type { HostTensor } from './tensorflow/index.ts';
