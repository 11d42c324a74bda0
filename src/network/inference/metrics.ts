import * as tf from '@tensorflow/tfjs';
import { sequenceCrossEntropy } from '../../loss/index.ts';
import type { CompileMode, Computation, HostTensor, Results, Trace } from '../../runtime/index.ts';
import type { Split } from '../../task/source.ts';
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
import { gathered, type Inferred, MEASURING, type Measurers } from './shares.ts';
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
  /** Those who measure together, each a share of the batches; all get the metrics. */
  readonly team?: Measurers | undefined;
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
  const metrics = Object.fromEntries(
    options.tasks.flatMap((name) => (results.has(name) ? [[name, results.get(name)!]] : [])),
  );
  return options.team?.share(metrics, MEASURING) ?? metrics;
}

async function measurePass(body: NetworkBody, pass: Pass, options: MeasureOptions) {
  const { compile, signal, instead, team } = options;
  const { name } = pass.tasks[0]!;
  const split = options.split ?? measuredSplit(pass.source);
  checkSplit(pass.tasks[0]!, split);
  const whole = pass.source.counts[split];
  const count = Math.min(whole, options.examples ?? whole);
  const place = partOf(pass.source, split, count);
  const context = measuringContext(body, compile, signal, instead);
  const sums = pass.tasks.map(() => ({ loss: 0, labelled: 0, nats: 0, symbols: 0 }));
  const tallies = talliesOf(pass.tasks);
  const batches = Math.ceil(count / BATCH);
  const indicesOf = (batch: number) =>
    Array.from({ length: Math.min(BATCH, count - batch * BATCH) }, (_, i) => place(batch * BATCH + i));
  const examplesOf = (batch: number) => readExamples(name, pass.source, split, indicesOf(batch), context);
  // One batch is read while the device works on the other.
  const pools = [new BufferPool(), new BufferPool()] as const;
  let reads = 0;
  const read = async (batch: number) => {
    const placeOf = placesIn(split, indicesOf(batch));
    const pool = pools[reads++ % 2]!.clear();
    const examples = await examplesOf(batch);
    // One shape for all batches: the last is filled with repeated examples that count for nothing.
    const filled = Array.from({ length: Math.min(BATCH, count) }, (_, i) => examples[i % examples.length]!);
    return { examples, host: assemble(pass, filled, (i) => placeOf(i % examples.length), pool) };
  };
  const { index: own = 0, size: every = 1 } = team ?? {};
  let upcoming: ReturnType<typeof read> | undefined;
  const readAhead = (batch: number) => {
    upcoming = batch < batches ? read(batch) : undefined;
    upcoming?.catch(() => {}); // Nobody awaits it once the signal is aborted. A failure is told in its turn.
  };
  const inferBatch = async (batch: number): Promise<Inferred> => {
    const { examples, host } = await waitForSource(upcoming!, options, () =>
      readingText(name, split, indicesOf(batch)),
    );
    const inferring = infer(body, pass, host, options);
    readAhead(batch + every);
    const results = await inferring;
    const written = await writtenIn(body, pass, results, options);
    if (batch === 0) await assertLosses(body, pass, host, results);
    return {
      targets: examples.map(({ target }) => target),
      tasks: pass.tasks.map((task, t) => inferredOf(body, task, host.labels[t]!, results, examples.length, written[t])),
    };
  };
  const take = (batch: number, targets: readonly unknown[], inferred: Inferred) => {
    const placeOf = placesIn(split, indicesOf(batch));
    for (const [t, task] of pass.tasks.entries()) {
      const { losses, nats, ...outputs } = inferred.tasks[t]!;
      for (const loss of losses) sums[t]!.loss += loss;
      sums[t]!.labelled += losses.length;
      for (const [sum, symbols] of nats) {
        sums[t]!.nats += sum;
        sums[t]!.symbols += symbols;
      }
      updateTally(tallies[t]!, task, outputs, targets, placeOf);
    }
  };
  readAhead(own);
  for (let first = 0; first < batches; first += every) {
    const inferred = first + own < batches ? await inferBatch(first + own) : undefined;
    for (const [i, part] of (await gathered(team, inferred)).entries()) {
      if (part === undefined) continue;
      const targets = part.targets ?? (await examplesOf(first + i)).map(({ target }) => target);
      take(first + i, targets, part);
    }
  }
  if (team?.isChief === false) return [];
  return pass.tasks.map((task, t) => {
    const { loss, labelled, nats, symbols } = sums[t]!;
    const metrics: Record<string, number> = { ...tallies[t]!.result() };
    if (isWriting(task)) metrics.perplexity = Math.exp(nats / symbols);
    metrics.loss = labelled === 0 ? Number.NaN : loss / labelled;
    return [task.name, metrics] as const;
  });
}

/** What a batch comes to for one task; `written`: the symbols of a head that writes. */
function inferredOf(
  body: NetworkBody,
  task: BuiltTask,
  { labelled, measured, partly, target }: HostPass['labels'][number],
  results: Results,
  examples: number,
  written: readonly Float32Array[] | undefined,
): Inferred['tasks'][number] {
  if (partly) body.assertLeavesOut(task);
  const losses = results[`${task.name}/loss`]!.values as Float32Array;
  return {
    losses: losses.filter((_, i) => i < examples && labelled[i] === 1),
    nats: isWriting(task) ? natsIn(results[`${task.name}/nats`]!, target, examples) : [],
    samples: written ?? samplesOf(results, examples, `${task.name}/`),
    measured: measured.slice(0, examples),
  };
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
 * How unlikely the symbols of each target were, all together, and how many there are: the perplexity is the exponential of the mean over
 * all of them. @param nats of each sample the mean over its symbols.
 */
function natsIn(
  nats: Pick<HostTensor, 'values'>,
  { values, shape }: HostTensor,
  samples: number,
): readonly (readonly [number, number])[] {
  const positions = shape[1]!;
  return Array.from({ length: samples }, (_, i) => {
    const symbols = values.subarray(i * positions, (i + 1) * positions).filter((symbol) => symbol !== PADDING).length;
    return [nats.values[i]! * symbols, symbols];
  });
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
  { samples, measured }: Pick<Inferred['tasks'][number], 'samples' | 'measured'>,
  targets: readonly unknown[],
  placeOf: PlaceOf,
): void {
  for (const [i, all] of targets.entries()) {
    if (measured[i] !== 1) continue;
    const target = pickTarget(task.definition, all, placeOf(i));
    tally.update(target, decodeOutput(task, samples[i]!, placeOf(i)), placeOf(i));
  }
}
