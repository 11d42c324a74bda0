export type { Balance, BalanceOn } from './choice.ts';
export type { Balancer, CoordinateMethod, Given, Matrix, MethodFacts, Need, WeightMethod } from './method.ts';
