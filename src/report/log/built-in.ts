// The built-in kinds of logger, a line each.
export { csvKind } from './csv.ts';
export { mlflowKind } from './mlflow.ts';
export { tensorBoardKind } from './tensorboard.ts';
