import { taskPlugin } from 'banyan-ml';
import { clothing } from './clothing.ts';
import { digits } from './digits.ts';
import { notes } from './generated/notes.ts';
import { sentences } from './generated/sentences.ts';
import { shapes } from './generated/shapes.ts';
import { instruments } from './instruments.ts';
import { intents } from './intents.ts';
import { multiClothingLeft, multiClothingRight } from './multi-clothing.ts';
import { spokenDigits } from './spoken-digits.ts';

export {
  clothing,
  digits,
  instruments,
  intents,
  multiClothingLeft,
  multiClothingRight,
  notes,
  sentences,
  shapes,
  spokenDigits,
};

/** All built-in tasks, as a plugin. */
export default taskPlugin(
  clothing,
  digits,
  spokenDigits,
  instruments,
  intents,
  shapes,
  notes,
  sentences,
  multiClothingLeft,
  multiClothingRight,
);
