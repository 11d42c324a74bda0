export { cacheFolder } from './cache.ts';
export { type Diagnosis, doctor } from './doctor.ts';
export { doctorCommand } from './doctor-command.ts';
export { type Requirement, type Runtime, startRuntime } from './runtime.ts';
export { type SetupOptions, type SetupResult, setup } from './setup.ts';
export { setupCommand } from './setup-command.ts';
