import * as tf from '@tensorflow/tfjs';
import { assertTaskNames } from '../nearest.ts';
import {
  assemble,
  type BuiltTask,
  type Network,
  passesOf,
  placesIn,
  readExamples,
  toTensor,
  untilAborted,
} from '../network/index.ts';
import { chooseBalance } from './balancing/choose.ts';
import { assertFits, assertPossible, type ChosenBalance } from './balancing/index.ts';
import { refusing } from './batches.ts';
import { chosenTasks, countSteps, type TrainOptions } from './options.ts';

const EXAMPLES = 2;

/** What options mean for a network. */
export interface CheckedTraining {
  readonly tasks: readonly BuiltTask[];
  readonly steps: number;
  /** Absent for equal weights. */
  readonly balance: ChosenBalance | undefined;
}

/**
 * Finds what could not be trained before anything is trained or written: impossible options, and for each task two training
 * examples through prepare, stem, trunk, head and loss. A source that acts with the network, or has a state that reading
 * would change, is first read by the training itself.
 * @throws BanyanError `argument`, `data` or `shape`, as `train`; the signal's reason once it is aborted.
 */
export async function checkTraining(
  network: Network,
  options: TrainOptions,
  signal?: AbortSignal,
): Promise<CheckedTraining> {
  const tasks = chosenTasks(network, options);
  const { batch } = options;
  if (typeof batch === 'object') {
    const known = network.body.tasks.map(({ name }) => name);
    assertTaskNames('train: batch', Object.keys(batch), known);
  }
  for (const source of new Set(tasks.map(({ task }) => task.source))) await untilAborted(source.open?.(), signal);
  const steps = countSteps(options, tasks);
  const balance = chooseBalance(
    options.balance,
    tasks.map(({ name }) => name),
  );
  if (balance !== undefined) {
    assertPossible(balance, network.body, passesOf(tasks));
    assertFits(balance, tasks.length);
  }
  for (const pass of passesOf(tasks)) {
    const { source } = pass;
    if (source.lockStep || source.state !== undefined) continue;
    const indices = Array.from({ length: EXAMPLES }, (_, i) => i % source.counts.training);
    const context = { step: 0, seed: 0, ...refusing(pass.tasks[0]!.name, source) };
    const reading = readExamples(pass.tasks[0]!.name, source, 'training', indices, context);
    const examples = await untilAborted(reading, signal);
    const host = assemble(pass, examples, placesIn('training', indices));
    // Eagerly, so not while a graph changes the weights.
    await network.body.runner.exclusive(() =>
      tf.tidy(() => {
        const encoded = network.body.encode(pass, host.inputs.map(toTensor), false);
        for (const [i, task] of pass.tasks.entries()) {
          network.body.loss(task, network.body.output(task, encoded), toTensor(host.labels[i]!.target));
          if (host.labels[i]!.partly) network.body.assertLeavesOut(task);
        }
      }),
    );
  }
  return { tasks, steps, balance };
}
