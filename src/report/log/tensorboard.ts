import { join } from 'node:path';
import { optionsOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { Kind } from '../../kind/index.ts';
import { hasOperations } from '../../runtime/index.ts';
import type { Logger } from './logger.ts';
import { TensorBoardLog } from './tensorboard-log.ts';

/**
 * Makes the log for TensorBoard, by TensorFlow's own operations: losses and rates at each step; at each evaluation the metrics,
 * histograms of all weights, and the pictures, sounds and words of held-out examples with what the network makes of them; and what the
 * training is made with. In the folder `tensorboard` of the training's folder.
 * @throws (as the training begins) BanyanError `runtime` where there is no TensorFlow.
 */
export function tensorBoardLogger(): Logger {
  return {
    kind: 'tensorboard',
    open: (training) => {
      if (!hasOperations()) {
        throw new BanyanError(
          'runtime',
          'The log for TensorBoard is written by TensorFlow, which is not there: this process computes in JavaScript. Run `banyan setup`, or leave the log out.',
        );
      }
      return new TensorBoardLog(training, join(training.folder, 'tensorboard'));
    },
  };
}

/** `tensorBoardLogger`, as files name it. */
export const tensorBoardKind: Kind<Logger> = {
  kind: 'tensorboard',
  about: 'Event files of TensorBoard: curves, weights, examples, and what the run is made with.',
  options: optionsOf('tensorboard', {}),
  build: tensorBoardLogger,
};
