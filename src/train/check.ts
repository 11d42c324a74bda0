import * as tf from '@tensorflow/tfjs';
import { assertTaskNames } from '../nearest.ts';
import {
  assemble,
  assertPerSample,
  type BuiltTask,
  type HostPass,
  type HostTensor,
  type Internals,
  type NetworkBody,
  openingText,
  openSource,
  type Pass,
  type Patience,
  passesOf,
  placesIn,
  readExamples,
  readingText,
  toTensor,
  waitForSource,
} from '../network/index.ts';
import { withinMemory, withoutStrangers } from '../runtime/index.ts';
import { NO_NETWORK } from '../task/source.ts';
import { checkAverage } from './averaging/check.ts';
import { type CheckedOptions, checkOptions, chosenTasks } from './check-options.ts';
import { sampledTask } from './judged-task.ts';
import type { TrainOptions } from './options.ts';
import { ParameterRules } from './parameters/rules.ts';
import { refusing } from './reading/acting.ts';
import type { StepBatch } from './reading/step-batch.ts';
import { optimizerOf } from './state/training-state.ts';
import { checkMemory } from './step/memory.ts';
import { trainedVariables } from './step/trained-variables.ts';
import { type EvaluationRules, evaluationRules } from './stopping/rules.ts';
import { checkApart, checkTogether } from './together/check.ts';
import {
  type ChosenBalance,
  checkBalance,
  chooseBalance,
  comparesGradients,
  createState,
} from './update/chosen-balance.ts';

/** Examples of each task that are tried. */
const EXAMPLES = 2;

/** What options mean for a network. */
export interface CheckedTraining extends CheckedOptions {
  readonly tasks: readonly BuiltTask[];
  /** Absent for equal weights. */
  readonly balance: ChosenBalance | undefined;
  /** Absent where nothing is evaluated. */
  readonly rules: EvaluationRules | undefined;
}

/**
 * Finds what could not be trained before anything is trained or written: impossible options, and for each task two training
 * examples through prepare, stem, trunk, head and loss. A source that acts with the network, or has a state that reading
 * would change, is first read by the training itself (`checkFirstBatch`).
 * @throws BanyanError `argument`, `data`, `shape` or `memory`, as `train`; the signal's reason once it is aborted.
 */
export async function checkTraining(
  network: Internals,
  options: TrainOptions,
  signal?: AbortSignal,
): Promise<CheckedTraining> {
  const { body } = network;
  const tasks = chosenTasks(body, options);
  const names = tasks.map(({ name }) => name);
  const passes = passesOf(tasks);
  const patience = { signal, sourceTimeout: options.sourceTimeout };
  if (typeof options.batch === 'object') {
    const all = body.tasks.map(({ name }) => name);
    assertTaskNames('train: batch', Object.keys(options.batch), all);
  }
  for (const { source, tasks: users } of passes)
    await waitForSource(openSource(users[0]!.name, source), patience, () => openingText(users[0]!.name));
  const checked = checkOptions(options, tasks);
  checkTogether(options, body.store.all());
  const rules = evaluationRules(options, tasks);
  const parameters = new ParameterRules(
    options.parameters ?? [],
    trainedVariables(body, tasks),
    body.columns.length - 1,
  );
  const optimizer = optimizerOf(body, options.optimizer);
  if (options.average !== undefined) checkAverage(options.average, optimizer, checked.steps);
  checkMemory(body, tasks, checked.sizes, optimizer, options.average);
  const balance = chooseBalance(options.balance, names, network.container);
  if (balance !== undefined) checkBalance(balance, body.columns, passes, tasks.length);
  if (options.cluster !== undefined && options.synchronizeEvery !== undefined) {
    const sampler = options.sampler?.begin({ tasks: tasks.map(sampledTask), steps: checked.steps });
    checkApart(sampler, balance && { name: balance.method.name, state: createState(balance, tasks.length) });
  }
  parameters.check(tasks, balance !== undefined && comparesGradients(balance));
  for (const pass of passes) if (isReadBefore(pass.source)) await checkSource(body, pass, patience);
  return { ...checked, tasks, balance, rules };
}

/**
 * Checks, by the first batch of these passes in a training, what `checkTraining` could not read before.
 * @throws BanyanError `shape`, `plugin`.
 */
export async function checkFirstBatch(
  body: NetworkBody,
  passes: readonly Pass[],
  batch: Pick<StepBatch, 'passes' | 'drawn'>,
): Promise<void> {
  for (const pass of passes) {
    if (isReadBefore(pass.source)) continue;
    const { inputs, labels } = batch.passes[batch.drawn.indexOf(pass)]!;
    await checkExamples(body, pass, {
      inputs: inputs.map(firstExamples),
      labels: labels.map((label) => ({ ...label, target: firstExamples(label.target) })),
    });
  }
}

/** Whether a source can be read before the training without changing anything. */
const isReadBefore = ({ lockStep, state }: Pass['source']): boolean => !lockStep && state === undefined;

async function checkSource(body: NetworkBody, pass: Pass, patience: Patience): Promise<void> {
  const { source } = pass;
  const { name } = pass.tasks[0]!;
  const indices = Array.from({ length: EXAMPLES }, (_, i) => i % source.counts.training);
  const context = { step: 0, seed: 0, signal: patience.signal ?? NO_NETWORK.signal, ...refusing(name, source) };
  const reading = readExamples(name, source, 'training', indices, context);
  const examples = await waitForSource(reading, patience, () => readingText(name, 'training', indices));
  await checkExamples(body, pass, assemble(pass, examples, placesIn('training', indices)));
}

function firstExamples({ shape, dtype, values }: HostTensor): HostTensor {
  const samples = Math.min(EXAMPLES, shape[0]!);
  const first = values.subarray(0, (samples * values.length) / shape[0]!);
  return { shape: [samples, ...shape.slice(1)], dtype, values: first } as HostTensor;
}

/** Takes a few examples through stem, trunk, head and loss; each sample's loss must follow from that sample alone. */
async function checkExamples(body: NetworkBody, pass: Pass, host: HostPass): Promise<void> {
  const variables = body.store.all().map(({ tensor }) => tensor);
  const work = () => {
    const encoded = body.encode(pass, host.inputs.map(toTensor), false);
    for (const [i, task] of pass.tasks.entries()) {
      const target = toTensor(host.labels[i]!.target);
      const output = body.output(task, encoded, target);
      body.loss(task, output, target);
      if (host.labels[i]!.partly) body.assertLeavesOut(task);
      assertPerSample(body, task, output, target);
    }
  };
  // Eagerly, so not while a graph changes the weights.
  const what = `Two examples of task "${pass.tasks[0]!.name}"`;
  await body.runner.exclusive(() => withinMemory(what, () => tf.tidy(() => withoutStrangers(variables, work))));
}
