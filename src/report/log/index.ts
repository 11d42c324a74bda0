export { csvLogger } from './csv.ts';
export { LOGGER_KIND, loggerKinds } from './kinds.ts';
export { type LogOptions, logTraining, type TrainingLogs } from './log-training.ts';
export type { LoggedTraining, Logger, LogWriter } from './logger.ts';
export { type MlflowOptions, mlflowLogger } from './mlflow.ts';
export { tensorBoardLogger } from './tensorboard.ts';
