import { defineTask } from 'banyan-ml';
import * as control from 'banyan-ml/heads/control';
import { Catch } from './game.ts';

const { actions, observationShape } = new Catch();
const name = 'catch';

/** A small game: catch the ball that falls. */
export const catching = defineTask({
  name,
  stem: control.observationStem({ shape: observationShape }),
  head: control.actorCritic({ actions }),
  source: control.rollouts({ environment: () => new Catch(), task: name, environments: 16, steps: 16 }),
});
