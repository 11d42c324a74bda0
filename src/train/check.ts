import * as tf from '@tensorflow/tfjs';
import { assertTaskNames } from '../nearest.ts';
import {
  assemble,
  assertPerSample,
  type BuiltTask,
  type HostPass,
  type HostTensor,
  type Network,
  openingText,
  openSource,
  type Pass,
  passesOf,
  placesIn,
  readExamples,
  readingText,
  toTensor,
  waitForSource,
} from '../network/index.ts';
import { withinMemory, withoutStrangers } from '../runtime/index.ts';
import { NO_NETWORK } from '../task/source.ts';
import { checkOptions, chosenTasks, type TrainOptions } from './options.ts';
import { refusing, type StepBatch } from './reading/batches.ts';
import { optimizerOf } from './state/optimizer-state.ts';
import { checkMemory } from './step/memory.ts';
import { chooseBalance } from './update/choose.ts';
import { assertFits, assertPossible, type ChosenBalance } from './update/index.ts';

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
 * @throws BanyanError `argument`, `data`, `shape` or `memory`, as `train`; the signal's reason once it is aborted.
 */
export async function checkTraining(
  network: Network,
  options: TrainOptions,
  signal?: AbortSignal,
): Promise<CheckedTraining> {
  const tasks = chosenTasks(network, options);
  const patience = { signal, sourceTimeout: options.sourceTimeout };
  const { batch } = options;
  if (typeof batch === 'object') {
    const known = network.body.tasks.map(({ name }) => name);
    assertTaskNames('train: batch', Object.keys(batch), known);
  }
  for (const { source, tasks: users } of passesOf(tasks))
    await waitForSource(openSource(users[0]!.name, source), patience, () => openingText(users[0]!.name));
  const steps = checkOptions(options, tasks);
  checkMemory(network, tasks, options.batch, optimizerOf(network, options.optimizer));
  const balance = chooseBalance(
    options.balance,
    tasks.map(({ name }) => name),
    network.container,
  );
  if (balance !== undefined) {
    assertPossible(balance, network.body, passesOf(tasks));
    assertFits(balance, tasks.length);
  }
  for (const pass of passesOf(tasks)) {
    const { source } = pass;
    if (!isProbed(source)) continue;
    const indices = Array.from({ length: EXAMPLES }, (_, i) => i % source.counts.training);
    const { name } = pass.tasks[0]!;
    const context = { step: 0, seed: 0, signal: signal ?? NO_NETWORK.signal, ...refusing(name, source) };
    const reading = readExamples(name, source, 'training', indices, context);
    const examples = await waitForSource(reading, patience, () => readingText(name, 'training', indices));
    const host = assemble(pass, examples, placesIn('training', indices));
    await probe(network, pass, host);
  }
  return { tasks, steps, balance };
}

const isProbed = ({ lockStep, state }: BuiltTask['definition']['source']): boolean => !lockStep && state === undefined;

/** For the first batch of a training: what `checkTraining` could not read before. @throws BanyanError `shape`, `plugin`. */
export async function probeFirst(
  network: Network,
  passes: readonly Pass[],
  batch: Pick<StepBatch, 'passes'>,
): Promise<void> {
  for (const [p, pass] of passes.entries()) {
    if (isProbed(pass.source)) continue;
    const { inputs, labels } = batch.passes[p]!;
    const few = (tensor: HostTensor) => firstOf(tensor, EXAMPLES);
    await probe(network, pass, {
      inputs: inputs.map(few),
      labels: labels.map((label) => ({ ...label, target: few(label.target) })),
    });
  }
}

function firstOf({ shape, dtype, values }: HostTensor, count: number): HostTensor {
  const samples = Math.min(count, shape[0]!);
  const part = values.subarray(0, (samples * values.length) / shape[0]!);
  return { shape: [samples, ...shape.slice(1)], dtype, values: part } as HostTensor;
}

/** A few examples through stem, trunk, head and loss, which must be of each sample's own. */
async function probe({ body }: Network, pass: Pass, host: HostPass): Promise<void> {
  const own = body.store.all().map(({ variable }) => variable);
  const work = () => {
    const encoded = body.encode(pass, host.inputs.map(toTensor), false);
    for (const [i, task] of pass.tasks.entries()) {
      const output = body.output(task, encoded);
      const target = toTensor(host.labels[i]!.target);
      body.loss(task, output, target);
      if (host.labels[i]!.partly) body.assertLeavesOut(task);
      assertPerSample(body, task, output, target);
    }
  };
  // Eagerly, so not while a graph changes the weights.
  const what = `Two examples of task "${pass.tasks[0]!.name}"`;
  await body.runner.exclusive(() => withinMemory(what, () => tf.tidy(() => withoutStrangers(own, work))));
}
