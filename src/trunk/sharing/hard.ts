import { byTask } from './copies.ts';
import type { Sharing } from './sharing.ts';

// There is one branch, and one copy of the trunk, whose blocks need no name of a copy.
const [BRANCH, COPY] = ['tokens', ''];

/** One trunk for all tasks, which read the same tokens (Caruana 1997, "Multitask Learning"): what a trunk does by itself. */
export const hardSharing: Sharing = {
  kind: 'hard',
  build: ({ depth, block, finish }) => {
    const blocks = Array.from({ length: depth }, (_, b) => block(b, COPY));
    const last = finish(COPY);
    return {
      block: (b, branch, pass) => new Map([[BRANCH, blocks[b]!(branch(BRANCH), pass)]]),
      output: (branch, pass) => {
        const tokens = last(branch(BRANCH), pass);
        return byTask(pass.tasks, () => tokens);
      },
    };
  },
};
