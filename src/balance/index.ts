export { aggregate } from './aggregate.ts';
export type { Balance, BalanceOn } from './choice.ts';
export type {
  Balancer,
  CoordinateMethod,
  Given,
  Matrix,
  MethodFacts,
  Need,
  WeightMethod,
} from './method.ts';
export { methodNamed, methods } from './methods.ts';
export { checkOptions } from './options.ts';
