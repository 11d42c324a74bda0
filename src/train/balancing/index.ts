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
export { areRowsOf, disposeRows, type Rows } from './rows.ts';
export { takingPartIn } from './taking-part.ts';
export { halvedUpdate, settle, weighActivations } from './update.ts';
export { compareRows, disposeWatching, isWatched, makeWatching, watch } from './watch.ts';
