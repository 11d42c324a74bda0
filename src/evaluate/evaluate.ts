import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import {
  assemble,
  type BuiltTask,
  type Network,
  type Pass,
  passesOf,
  pickTarget,
  readExamples,
  readOutput,
  toTensor,
} from '../network/index.ts';
import type { Example, SourceContext, Split } from '../task/source.ts';

const BATCH = 128;

export interface EvaluateOptions {
  /** Names of tasks. Default: all. */
  readonly tasks?: readonly string[];
  /** Default: `test` where a task has one, else `validation`. */
  readonly split?: Split;
}

/** Metrics by task, then by the metric's name. `loss` is the mean loss over the labelled examples. */
export type Metrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * A network's metrics on held-out examples, in inference mode, without any random draw.
 * @throws BanyanError `data` for a split that a task does not have, `argument` for an unknown task.
 */
export function evaluate(network: Network<never> | Network, options: EvaluateOptions = {}): Promise<Metrics> {
  const live = network as Network;
  // One at a time: the metrics that run along belong to the network's heads.
  const turn = (turns.get(live) ?? Promise.resolve()).then(
    () => evaluateNow(live, options),
    () => evaluateNow(live, options),
  );
  turns.set(live, turn);
  return turn;
}

const turns = new WeakMap<Network, Promise<unknown>>();

async function evaluateNow(live: Network, options: EvaluateOptions): Promise<Metrics> {
  live.hold();
  try {
    return await evaluateTasks(live, options);
  } finally {
    live.release();
  }
}

async function evaluateTasks(live: Network, options: EvaluateOptions): Promise<Metrics> {
  const names = options.tasks ?? live.tasks.map((task) => task.name);
  const tasks = names.map((name) => live.body.task(name));
  const results = new Map<string, Record<string, number>>();
  for (const pass of passesOf(tasks)) {
    await pass.source.open?.();
    for (const [name, metrics] of await evaluatePass(live, pass, options.split)) results.set(name, metrics);
  }
  return Object.fromEntries(names.map((name) => [name, results.get(name)!]));
}

function splitOf(pass: Pass, wanted: Split | undefined): Split {
  const { counts } = pass.source;
  const split = wanted ?? (counts.test > 0 ? 'test' : 'validation');
  if (counts[split] > 0 && Number.isFinite(counts[split])) return split;
  const name = pass.tasks[0]!.name;
  throw new BanyanError(
    'data',
    `Task "${name}" has ${counts[split]} ${split} examples, expected at least one and not endlessly many. Give its source a ${split} split.`,
  );
}

async function evaluatePass(network: Network, pass: Pass, wanted: Split | undefined) {
  const split = splitOf(pass, wanted);
  const count = pass.source.counts[split];
  const context: SourceContext = {
    step: 0,
    predict: (task, inputs) => network.predict(task as never, inputs as never),
  };
  const sums = pass.tasks.map(() => ({ loss: 0, labelled: 0 }));
  for (const { head } of pass.tasks) for (const metric of head.metrics) metric.reset();
  for (let start = 0; start < count; start += BATCH) {
    const real = Math.min(BATCH, count - start);
    const indices = Array.from({ length: real }, (_, i) => start + i);
    const examples = await readExamples(pass.tasks[0]!.name, pass.source, split, indices, context);
    // One shape for all batches: the last is filled with repeated examples that count for nothing.
    const size = Math.min(BATCH, count);
    const full = Array.from({ length: size }, (_, i) => examples[i % real]!);
    const outputs = infer(network, pass, full, real);
    try {
      for (const [t, task] of pass.tasks.entries()) {
        const { output, losses, labelled } = outputs[t]!;
        const perSample = losses.dataSync();
        for (let i = 0; i < real; i++) if (labelled[i] === 1) sums[t]!.loss += perSample[i]!;
        sums[t]!.labelled += labelled.subarray(0, real).reduce((a, b) => a + b, 0);
        await updateMetrics(task, output, examples, labelled);
      }
    } finally {
      tf.dispose(outputs.map(({ output, losses }) => ({ output, losses })) as tf.TensorContainer);
    }
  }
  return pass.tasks.map((task, t) => {
    const { loss, labelled } = sums[t]!;
    const own = task.head.metrics.map((metric) => [metric.name, metric.result()] as const);
    return [task.name, { ...Object.fromEntries(own), loss: labelled === 0 ? Number.NaN : loss / labelled }] as const;
  });
}

function infer(network: Network, pass: Pass, examples: readonly Example<unknown, unknown>[], real: number) {
  const host = assemble(pass, examples);
  const tensors = tf.tidy(() => {
    const { tokens, call } = network.body.encode(pass.stem, toTensor(host.input), false);
    return pass.tasks.map((task, t) => {
      const output = task.head.forward(tokens, call);
      const losses = network.body.loss(task, output, toTensor(host.labels[t]!.target)).slice(0, real);
      return { output, losses } as { output: tf.Tensor; losses: tf.Tensor1D };
    });
  });
  return tensors.map((pair, t) => ({ ...pair, labelled: host.labels[t]!.labelled }));
}

async function updateMetrics(
  task: BuiltTask,
  output: tf.Tensor | Readonly<Record<string, tf.Tensor>>,
  examples: readonly Example<unknown, unknown>[],
  labelled: Float32Array,
): Promise<void> {
  const samples = await readOutput(output, examples.length);
  for (const [i, example] of examples.entries()) {
    if (labelled[i] !== 1) continue;
    const target = pickTarget(task.task, example.target);
    const prediction = task.head.decode(samples[i]!);
    for (const metric of task.head.metrics) metric.update(target, prediction);
  }
}
