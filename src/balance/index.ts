// Node's types come with ours, as in the package's main entry.
/// <reference types="node" preserve="true" />

import '../one-copy.ts';

export { aggregate } from './aggregate.ts';
export * from './built-in.ts';
export { coordinateMethod, gramMethod, type MethodCall, type MethodDefinition } from './define.ts';
export type {
  BalanceMethod,
  CoordinateMethod,
  GramMethod,
  Matrix,
  MethodFacts,
  MethodState,
  Need,
  Property,
  StepStatistics,
} from './method.ts';
export { BALANCE_METHOD, balanceMethods, type Method, methodNamed, methods, tasksInOption } from './methods.ts';
export type { BalanceOn, BalanceOption } from './option.ts';
export {
  checkOptions,
  type NumberPerTask,
  type OptionInput,
  type OptionShape,
  perTask,
  type TaskList,
  taskList,
} from './options.ts';
