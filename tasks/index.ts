// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

import { taskPlugin } from 'banyan-ml';
import { catching } from './catch/index.ts';
import { clothing } from './clothing.ts';
import { digits } from './digits.ts';
import {
  Gathering,
  type GatheringOptions,
  gathering,
  gatheringPictures,
  gatheringSeen,
  scenes,
} from './gathering/index.ts';
import { chord, tempo } from './generated/music/index.ts';
import { notes } from './generated/notes.ts';
import { sentences } from './generated/sentences.ts';
import { shapes } from './generated/shapes.ts';
import { instruments } from './instruments.ts';
import { intents } from './intents.ts';
import { multiClothingLeft, multiClothingRight } from './multi-clothing.ts';
import {
  captions,
  connectedDigits,
  parsing,
  photographs,
  requests,
  spokenWords,
  translation,
} from './multi-model/index.ts';
import { SpaceInvaders, type SpaceInvadersOptions, spaceInvaders } from './space-invaders/index.ts';
import { spokenDigits } from './spoken-digits.ts';

export {
  captions,
  catching,
  chord,
  clothing,
  connectedDigits,
  digits,
  Gathering,
  type GatheringOptions,
  gathering,
  gatheringPictures,
  gatheringSeen,
  instruments,
  intents,
  multiClothingLeft,
  multiClothingRight,
  notes,
  parsing,
  photographs,
  requests,
  SpaceInvaders,
  type SpaceInvadersOptions,
  scenes,
  sentences,
  shapes,
  spaceInvaders,
  spokenDigits,
  spokenWords,
  tempo,
  translation,
};

/** This plugin brings all built-in tasks. */
export default taskPlugin(
  catching,
  clothing,
  digits,
  gathering,
  gatheringPictures,
  gatheringSeen,
  scenes,
  spaceInvaders,
  spokenDigits,
  instruments,
  intents,
  shapes,
  notes,
  sentences,
  chord,
  tempo,
  multiClothingLeft,
  multiClothingRight,
  captions,
  connectedDigits,
  parsing,
  photographs,
  requests,
  spokenWords,
  translation,
);
