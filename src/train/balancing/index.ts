export {
  type Balancing,
  type ChosenBalance,
  disposeBalancing,
  factorsBefore,
  freshBalancer,
  makeBalancing,
} from './balancing.ts';
export { halvedUpdate, settle, weighActivations } from './update.ts';
