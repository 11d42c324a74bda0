import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { assemble, type Network, passesOf, toTensor } from '../network/index.ts';
import { chosenTasks, countSteps, type TrainOptions } from './options.ts';

const EXAMPLES = 2;

/**
 * Finds what could not be trained before anything is trained or written: impossible options, and for each task two training
 * examples through prepare, stem, trunk, head and loss. A source that acts with the network, or has a state that reading
 * would change, is first read by the training itself.
 * @throws BanyanError `argument`, `data` or `shape`, as `train`.
 */
export async function checkTraining(network: Network, options: TrainOptions): Promise<void> {
  for (const { source } of network.tasks) await source.open?.();
  const tasks = chosenTasks(network, options);
  countSteps(options, tasks);
  for (const pass of passesOf(tasks)) {
    const { source, stem } = pass;
    if (source.lockStep || source.state !== undefined) continue;
    const indices = Array.from({ length: EXAMPLES }, (_, i) => i % source.counts.training);
    const predict = () =>
      Promise.reject(
        new BanyanError(
          'data',
          `The source of task "${pass.tasks[0]!.name}" uses the network and does not say so. Expected \`lockStep: true\`. Add it.`,
        ),
      );
    const host = assemble(pass, await source.read('training', indices, { step: 0, predict }));
    tf.tidy(() => {
      const { tokens, call } = network.body.encode(stem, toTensor(host.input), false);
      for (const [i, task] of pass.tasks.entries()) {
        network.body.loss(task, task.head.forward(tokens, call), toTensor(host.labels[i]!.target));
      }
    });
  }
}
