// Node's types come with ours, as in the package's main entry.
/// <reference types="node" preserve="true" />

import '../one-copy.ts';

export { aggregate } from './aggregate.ts';
export * from './built-in.ts';
export { coordinateMethod, gramMethod, type MethodCall } from './define.ts';
export type {
  BalanceMethod,
  CoordinateMethod,
  GramMethod,
  Matrix,
  MethodState,
  Need,
  Property,
  StepStatistics,
} from './method.ts';
export { BALANCE_METHOD, balanceMethods, type Method, methodNamed, methods, tasksInOption } from './methods.ts';
export type { BalanceOn, BalanceOption } from './option.ts';
export { checkOptions, perTask, taskList } from './options.ts';
