export { areRowsOf, disposeJacobian, type Jacobian } from '../step/jacobian.ts';
export {
  assertFits,
  assertPossible,
  type Balancing,
  type ChosenBalance,
  disposeBalancing,
  freshBalancer,
  knownBefore,
  makeBalancing,
  needs,
  rowsFor,
} from './balancing.ts';
export { gradientUpdate, settle, weighActivations } from './by-gradients.ts';
export { compareRows, disposeWatching, isWatched, makeWatching, watch } from './compare-gradients.ts';
export { takingPartIn } from './taking-part.ts';
