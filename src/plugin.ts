// What a plugin is written with that brings more than tasks: tokens, contexts, checks of options and draws. The entry point
// `banyan-ml/plugin`.
import './one-copy.ts';

export {
  byName,
  check,
  count,
  either,
  finite,
  flag,
  listOf,
  type NumberBounds,
  notNegative,
  number,
  oneOf,
  optionsOf,
  positive,
  rate,
  share,
  text,
  wholeNumber,
} from './check.ts';
export { METRIC_KIND } from './evaluate/index.ts';
export {
  type CellPlace,
  type ColumnSample,
  cellFault,
  cellPath,
  type DataOptions,
  type DataSet,
  type DataSetOptions,
  type DataTaskOptions,
  dataSet,
  type FieldDescription,
  type FieldLearner,
  type Fit,
  INPUT_FIELD_KIND,
  type InputField,
  type InputsDescription,
  type SplitRow,
  TARGET_FIELD_KIND,
  type TargetDescription,
  type TargetField,
  tasksOver,
} from './fields/index.ts';
export { type Bindings, Family, type Kind, type KindData, type Plugged } from './kind/index.ts';
export { LOSS_KIND, type Loss } from './loss/index.ts';
export { AVERAGE_KIND, OPTIMIZER_KIND, SCHEDULE_KIND } from './optimise/index.ts';
export { checkSeed, type Randomness, RandomStream } from './random/index.ts';
export { LOGGER_KIND } from './report/index.ts';
export type {
  BlockContext,
  BuildContext,
  HeadContext,
  HeadProvider,
  Initializer,
  Json,
  RankOf,
  SettingsOptions,
  StemContext,
  StemProvider,
  VariableOptions,
} from './task/index.ts';
export {
  HEAD_CONTEXT,
  RANDOM,
  STEM_CONTEXT,
  TASK,
  TASK_NAME,
  token,
  VARIABLES,
  WIDTH,
} from './task/index.ts';
export { SHARING_KIND, TRUNK_KIND } from './trunk/index.ts';
