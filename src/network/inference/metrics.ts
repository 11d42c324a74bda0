import * as tf from '@tensorflow/tfjs';
import { sequenceCrossEntropy } from '../../loss/index.ts';
import type { CompileMode, Computation, HostTensor, Results, Trace } from '../../runtime/index.ts';
import type { SampleOutput } from '../../task/contract.ts';
import type { Example, Split } from '../../task/source.ts';
import type { ComputationOf, NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, isWriting, type Pass, passesOf } from '../assembly/built.ts';
import { openingText, openSource } from '../assembly/open-source.ts';
import { BufferPool } from '../batch/buffer-pool.ts';
import { assemble, type HostPass } from '../batch/collate.ts';
import { toTensor } from '../batch/host-tensor.ts';
import { pickTarget } from '../batch/labels.ts';
import { type PlaceOf, placesIn } from '../batch/places.ts';
import { partOf } from '../batch/portion.ts';
import { readExamples, readingText } from '../batch/read-examples.ts';
import { type Patience, waitForSource } from '../batch/waiting.ts';
import { measuringContext } from './context.ts';
import { checkSplit, measuredSplit } from './held-out.ts';
import { decodeOutput, nameOutput, outputOf, samplesOf } from './outputs.ts';
import { assertPerSample } from './per-sample.ts';
import { type Tally, talliesOf } from './tally.ts';
import { inTurn } from './turns.ts';
import { nameRead, readIn, writtenFor } from './write.ts';

const BATCH = 128;
/** Fills the target of a head that writes. */
const PADDING = 0;
/** How many samples of a batch are enough for what holds of any of them. */
const SAMPLES = 2;

export interface MeasureOptions extends Patience {
  /** Names of tasks. */
  readonly tasks: readonly string[];
  /** Default: `test` where a task has one, else `validation`. */
  readonly split?: Split;
  /** At most so many examples, drawn from the whole split, the same each time. Default: all. */
  readonly examples?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
  /** Other weights in place of the network's. */
  readonly instead?: Computation['instead'];
  /** Ends it early, between two batches: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Metrics by task, then by the metric's name. `loss` is the mean loss over the labelled examples. A head that writes also has `perplexity`, the
 * exponential of the mean negative logarithm of the probability of each of a target's symbols, its end included, after those before it.
 */
export type Metrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Measures a network's metrics on a split, in inference mode, without any random draw. One at a time: a head has its metrics once. The
 * caller retains the network.
 */
export function measure(body: NetworkBody, options: MeasureOptions): Promise<Metrics> {
  const used = [body, ...options.tasks.flatMap((name) => body.task(name).metrics)];
  return inTurn(used, () => measureTasks(body, options));
}

async function measureTasks(body: NetworkBody, options: MeasureOptions): Promise<Metrics> {
  const tasks = options.tasks.map((name) => body.task(name));
  const results = new Map<string, Record<string, number>>();
  // However it ends, no source is waited for any more.
  const ended = new AbortController();
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  const patient = { ...options, signal };
  try {
    for (const pass of passesOf(tasks)) {
      const { name } = pass.tasks[0]!;
      await waitForSource(openSource(name, pass.source), patient, () => openingText(name));
      for (const [name, metrics] of await measurePass(body, pass, patient)) results.set(name, metrics);
    }
  } finally {
    ended.abort();
  }
  return Object.fromEntries(options.tasks.map((name) => [name, results.get(name)!]));
}

async function measurePass(body: NetworkBody, pass: Pass, options: MeasureOptions) {
  const { compile, signal, instead } = options;
  const { name } = pass.tasks[0]!;
  const split = options.split ?? measuredSplit(pass.source);
  checkSplit(pass.tasks[0]!, split);
  const whole = pass.source.counts[split];
  const count = Math.min(whole, options.examples ?? whole);
  const place = partOf(pass.source, split, count);
  const context = measuringContext(body, compile, signal, instead);
  const sums = pass.tasks.map(() => ({ loss: 0, labelled: 0, nats: 0, symbols: 0 }));
  const tallies = talliesOf(pass.tasks);
  // One batch is read while the device works on the other.
  const pools = [new BufferPool(), new BufferPool()] as const;
  const indicesFrom = (start: number) =>
    Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => place(start + i));
  const read = async (start: number) => {
    const indices = indicesFrom(start);
    const size = Math.min(BATCH, count);
    const placeOf = placesIn(split, indices);
    const examples = await readExamples(name, pass.source, split, indices, context);
    // One shape for all batches: the last is filled with repeated examples that count for nothing.
    return {
      examples,
      placeOf,
      host: assemble(
        pass,
        Array.from({ length: size }, (_, i) => examples[i % examples.length]!),
        (i) => placeOf(i % examples.length),
        pools[(start / BATCH) % 2]!.clear(),
      ),
    };
  };
  let upcoming = read(0);
  upcoming.catch(() => {}); // Nobody awaits it once the signal is aborted.
  for (let start = 0; start < count; start += BATCH) {
    const { examples, placeOf, host } = await waitForSource(upcoming, options, () =>
      readingText(name, split, indicesFrom(start)),
    );
    const inferring = infer(body, pass, host, options);
    if (start + BATCH < count) {
      // Read while the device works. A failure is told in its turn.
      upcoming = read(start + BATCH);
      upcoming.catch(() => {});
    }
    const results = await inferring;
    const written = await writtenIn(body, pass, results, options);
    if (start === 0) await assertLosses(body, pass, host, results);
    for (const [t, task] of pass.tasks.entries()) {
      const { labelled, measured, partly } = host.labels[t]!;
      if (partly) body.assertLeavesOut(task);
      const losses = results[`${task.name}/loss`]!.values;
      for (const i of examples.keys()) {
        if (labelled[i] !== 1) continue;
        sums[t]!.loss += losses[i]!;
        sums[t]!.labelled++;
      }
      if (isWriting(task)) addNats(sums[t]!, results[`${task.name}/nats`]!, host.labels[t]!.target, examples.length);
      const samples = written[t] ?? samplesOf(results, examples.length, `${task.name}/`);
      updateTally(tallies[t]!, task, samples, examples, measured, placeOf);
    }
  }
  return pass.tasks.map((task, t) => {
    const { loss, labelled, nats, symbols } = sums[t]!;
    const metrics: Record<string, number> = { ...tallies[t]!.result() };
    if (isWriting(task)) metrics.perplexity = Math.exp(nats / symbols);
    metrics.loss = labelled === 0 ? Number.NaN : loss / labelled;
    return [task.name, metrics] as const;
  });
}

/** Computes the losses of the samples and the outputs of each task of the pass, named after it. */
function infer(
  body: NetworkBody,
  pass: Pass,
  host: HostPass,
  { compile = 'auto', instead }: MeasureOptions,
): Promise<Results> {
  const trace: Trace = (tensors) => {
    const [batch, targets] = [tensors.slice(0, host.inputs.length), tensors.slice(host.inputs.length)];
    const encoded = body.encode(pass, batch, false);
    const named = pass.tasks.map((task, t) => {
      const output = body.output(task, encoded, targets[t]!);
      const loss = { [`${task.name}/loss`]: body.loss(task, output, targets[t]!) };
      if (!isWriting(task)) return { ...loss, ...nameOutput(output, `${task.name}/`) };
      // Of scores for each symbol at each position only what is checked: a prediction is what is written.
      const checked = nameOutput(firstOf(output as tf.Tensor), `${task.name}/`);
      const nats = { [`${task.name}/nats`]: natsOf(output as tf.Tensor, targets[t]!) };
      return { ...loss, ...nats, ...checked, ...nameRead(task, encoded, `${task.name}/`) };
    });
    return Object.assign({}, ...named);
  };
  const computation: ComputationOf = {
    kind: 'evaluate',
    key: pass.tasks.map(({ name }) => name),
    inputs: [...host.inputs, ...host.labels.map(({ target }) => target)],
    trace,
    ...(instead === undefined ? {} : { instead }),
  };
  return body.compute(computation, compile);
}

const natsOf = sequenceCrossEntropy();

/**
 * Adds up how unlikely the symbols of targets were: the perplexity is the exponential of the mean over all of them.
 * @param nats of each sample the mean over its symbols.
 */
function addNats(
  sums: { nats: number; symbols: number },
  nats: Pick<HostTensor, 'values'>,
  { values, shape }: HostTensor,
  samples: number,
): void {
  const positions = shape[1]!;
  for (let i = 0; i < samples; i++) {
    const symbols = values.subarray(i * positions, (i + 1) * positions).filter((symbol) => symbol !== PADDING).length;
    sums.nats += nats.values[i]! * symbols;
    sums.symbols += symbols;
  }
}

const firstOf = (output: tf.Tensor): tf.Tensor => output.slice(0, Math.min(SAMPLES, output.shape[0]!));

/** By task of the pass, for those whose head writes: the symbols that it writes for each sample. `results`: what was inferred. */
async function writtenIn(
  body: NetworkBody,
  { tasks }: Pass,
  results: Results,
  { compile = 'auto', instead }: MeasureOptions,
) {
  const written: (Float32Array[] | undefined)[] = [];
  for (const task of tasks) {
    const symbols = isWriting(task)
      ? await writtenFor(body, task, readIn(results, `${task.name}/`), { compile, instead })
      : undefined;
    written.push(symbols);
  }
  return written;
}

/** Checks that the losses of the first batch are each of its own sample. */
function assertLosses(body: NetworkBody, { tasks }: Pass, { labels }: HostPass, results: Results): Promise<void> {
  return body.runner.exclusive(() =>
    tf.tidy(() => {
      for (const [t, task] of tasks.entries()) {
        const output = outputOf(results, SAMPLES, `${task.name}/`);
        const target = toTensor(labels[t]!.target);
        assertPerSample(body, task, output, target.slice(0, Math.min(SAMPLES, target.shape[0]!)));
      }
    }),
  );
}

function updateTally(
  tally: Tally,
  task: BuiltTask,
  samples: readonly SampleOutput[],
  examples: readonly Example<unknown, unknown>[],
  measured: Float32Array,
  placeOf: PlaceOf,
): void {
  for (const [i, example] of examples.entries()) {
    if (measured[i] !== 1) continue;
    const target = pickTarget(task.definition, example.target, placeOf(i));
    tally.update(target, decodeOutput(task, samples[i]!, placeOf(i)), placeOf(i));
  }
}
