export { cellFault } from './cell-fault.ts';
export { cellPath } from './cell-path.ts';
export { DataSet, type DataSetOptions, type SplitRow } from './data-set.ts';
export { type DataOptions, type DataTaskOptions, dataSet, tasksOver, toDataSet } from './data-tasks.ts';
export {
  type DataDescription,
  dataSchema,
  type FieldDescription,
  type InputsDescription,
  inputsSchema,
  type TargetDescription,
  targetSchema,
  writtenSchema,
} from './describe.ts';
export {
  type CellPlace,
  type ColumnSample,
  type FieldLearner,
  type Fit,
  INPUT_FIELD_KIND,
  type InputField,
  inputFieldKinds,
  TARGET_FIELD_KIND,
  type TargetField,
  targetFieldKinds,
} from './field.ts';
export { buildTasks, type DescribedTask, type FieldRecord, lookAt, type SharedStems } from './tasks.ts';
