import type { Metric } from '../../task/contract.ts';
import { knownPairs, type Numbers } from './numbers.ts';

/** What is known of one number of the targets, over all examples. */
export interface Place {
  add(target: number, prediction: number): void;
  result(): number;
}

/** Makes a metric that is a figure of each number of a target by itself, since these may have units of their own, and then their mean. */
export function byPlace(name: string, makePlace: () => Place): Metric<Numbers, Numbers> {
  const places: Place[] = [];
  return {
    name,
    update: (target, prediction) => {
      for (const [expected, predicted, i] of knownPairs(name, target, prediction)) {
        while (places.length <= i) places.push(makePlace());
        places[i]!.add(expected, predicted);
      }
    },
    result: () => places.reduce((sum, place) => sum + place.result(), 0) / places.length,
    reset: () => {
      places.length = 0;
    },
  };
}
