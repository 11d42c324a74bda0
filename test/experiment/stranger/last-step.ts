import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'banyan-ml';
import { type Kind, optionsOf, text } from 'banyan-ml/plugin';

interface LastStepOptions {
  readonly file: string;
}

/** A file that says what the last step was. */
const lastStep = ({ file }: LastStepOptions): Logger => ({
  kind: 'last-step',
  open: ({ folder, settings }) => {
    let last = 0;
    return {
      write: (event) => {
        if (event.kind === 'step') last = event.step;
      },
      close: async () => writeFileSync(join(folder, file), `${last} of ${settings['training.steps']}`),
    };
  },
});

export const lastStepKind: Kind<Logger, LastStepOptions> = {
  kind: 'last-step',
  about: 'A file with the number of the last step.',
  options: optionsOf('last-step', { file: text.default('last.txt').describe('its name') }),
  build: lastStep,
};
