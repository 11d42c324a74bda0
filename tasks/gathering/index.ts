import { defineTask } from 'banyan-ml';
import * as control from 'banyan-ml/heads/control';
import * as vision from 'banyan-ml/heads/vision';
import { Gathering } from './game.ts';
import { scenesSource } from './scene.ts';

export { Gathering, type GatheringOptions } from './game.ts';

const { actions, objectTypes, observationShape } = new Gathering();
const name = 'gathering';
/** From a corner to the one across. */
const reach = 8;
/** The plus and 16 objects. */
const most = 17;

/** Gathering at random places, played by rules over objects that one can read. */
export const gathering = defineTask({
  name,
  stem: control.objectStem({ types: objectTypes.length, reach, most }),
  head: control.rules({ actions, types: objectTypes, reach }),
  source: control.relationalReplay({ environment: () => new Gathering(), task: name }),
});

const [height, width, channels] = observationShape as [number, number, number];
const size = { height, width, channels };
/** The eyes. */
const eye = vision.codeStem(size);

/** Pictures of things that gathering is played with, drawn again: eyes learn to see them without labels. */
export const scenes = defineTask({
  name: 'scenes',
  at: 0,
  stem: eye,
  head: vision.reconstruction({ ...size, winners: { radius: 1, cost: 0.3 } }),
  source: scenesSource,
});

const pictures = 'gathering-pictures';

/** Gathering played from its pictures by double Q-learning, with the eyes of `scenes`. */
export const gatheringPictures = defineTask({
  name: pictures,
  stem: eye,
  head: control.qValues({ actions, pool: 'flatten' }),
  source: control.replay({ environment: () => new Gathering(), task: pictures, gamma: 0.9 }),
});

const seen = 'gathering-seen';
/** Nobody tells what there is; these are names for what is found. */
const kinds = ['itself', 'kind 1', 'kind 2', 'kind 3', 'kind 4', 'kind 5'];

/** Gathering played by rules over what the eyes of `scenes` see in its pictures: a column beside a network with these eyes. */
export const gatheringSeen = defineTask({
  name: seen,
  // Eyes may see more than there is.
  stem: control.objectStem({ types: kinds.length, reach, most: 2 * most }),
  head: control.rules({ actions, types: kinds, reach }),
  source: control.relationalReplay({
    environment: () => new Gathering(),
    task: seen,
    eyes: { task: scenes.name, kinds },
  }),
});
