export {
  type Balancing,
  type ChosenBalance,
  disposeBalancing,
  freshBalancer,
  knownBefore,
  makeBalancing,
} from './balancing.ts';
export { halvedUpdate, settle, weighActivations } from './update.ts';
