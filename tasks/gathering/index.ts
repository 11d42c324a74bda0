import { defineTask } from 'banyan-ml';
import * as control from 'banyan-ml/heads/control';
import { Gathering } from './game.ts';

export { Gathering, type GatheringOptions } from './game.ts';

const { actions, objectTypes } = new Gathering();
const name = 'gathering';
/** From a corner to the one across. */
const reach = 8;

/** Gathering at random places, played by rules over objects that one can read. */
export const gathering = defineTask({
  name,
  // The plus and 16 objects.
  stem: control.objectStem({ types: objectTypes.length, reach, most: 17 }),
  head: control.rules({ actions, types: objectTypes, reach }),
  source: control.relationalReplay({ environment: () => new Gathering(), task: name }),
});
