export type * from './contract.ts';
export type { Demonstration, Display, DisplayPart, Explanation, Film, Mark, Picture, Places } from './display.ts';
export type { Environment, EnvironmentFactory, SeenObject } from './environment.ts';
export { taskPlugin } from './plugin.ts';
export {
  type Example,
  NO_NETWORK,
  type Source,
  type SourceContext,
  type SourceFacts,
  type SourceState,
  SPLITS,
  type Split,
} from './source.ts';
export {
  type AnyTask,
  defineTask,
  type HeadProvider,
  type RowPlace,
  type SeveralInputsOptions,
  type SeveralInputsTask,
  type StemProvider,
  type StemProviders,
  type Task,
  type TaskOptions,
} from './task.ts';
export { HEAD_CONTEXT, RANDOM, STEM_CONTEXT, TASK, TASK_NAME, token, VARIABLES, WIDTH } from './tokens.ts';
