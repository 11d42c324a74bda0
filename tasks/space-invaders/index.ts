import { defineTask } from 'banyan-ml';
import * as control from 'banyan-ml/heads/control';
import { SpaceInvaders } from './game.ts';

export { SpaceInvaders, type SpaceInvadersOptions } from './game.ts';

const { actions, observationShape } = new SpaceInvaders();
const name = 'space-invaders';

/** Space Invaders on a 10 x 10 grid, with sticky actions and fleets that move faster and faster. */
export const spaceInvaders = defineTask({
  name,
  // Without the hidden layer a trunk that reads one token of the game plays a third worse (docs/benchmarks.md).
  stem: control.observationStem({ shape: observationShape, filters: [16], hidden: [128] }),
  head: control.actorCritic({ actions }),
  source: control.rollouts({ environment: () => new SpaceInvaders(), task: name }),
});
