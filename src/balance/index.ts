export { aggregate } from './aggregate.ts';
export type {
  Balancer,
  CoordinateMethod,
  Given,
  Matrix,
  MethodFacts,
  Need,
  WeightMethod,
} from './method.ts';
export { methods } from './methods.ts';
