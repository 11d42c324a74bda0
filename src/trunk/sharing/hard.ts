import { byTask } from './copies.ts';
import type { Sharing } from './sharing.ts';

const ONLY = 'tokens';
const TRUNK = '';

/** One trunk for all tasks, which read the same tokens (Caruana 1997, "Multitask Learning"): what a trunk does by itself. */
export const hardSharing: Sharing = {
  kind: 'hard',
  build: ({ depth, block, finish }) => {
    const blocks = Array.from({ length: depth }, (_, b) => block(b, TRUNK));
    const last = finish(TRUNK);
    return {
      block: (b, from, trip) => new Map([[ONLY, blocks[b]!(from(ONLY), trip)]]),
      output: (from, trip) => {
        const tokens = last(from(ONLY), trip);
        return byTask(trip.tasks, () => tokens);
      },
    };
  },
};
