import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { BanyanError } from '../../error.ts';
import { padTo } from '../../export/examples.ts';
import { type ExportedTensor, exportNetwork } from '../../export/index.ts';
import { assembleInputs, type BuiltTask, internals, type Network, passesOf } from '../../network/index.ts';
import { type HostTensor, startRuntime } from '../../runtime/index.ts';
import type { Measurement } from './measure.ts';
import { median } from './median.ts';
import { networkOf, rawInputs } from './network-of.ts';
import { stockOf } from './stock/stock.ts';

/** What predicts: `predict` of this framework by graphs, plain tfjs, ONNX Runtime of what is exported. PyTorch has a program of its own. */
export const PREDICTORS = ['graph', 'stock', 'onnx'] as const;
export type Predictor = (typeof PREDICTORS)[number];

/** What a prediction takes. */
export interface PredictMeasurement extends Measurement {
  /** Milliseconds of the processor, of all threads together: the same on a machine that others use too. */
  readonly processorMs: number;
}

const [WARM, LEAST, MOST] = [5, 20, 2000];
/** Milliseconds before the first that counts: until then JavaScript is not compiled, nor memory where it stays. */
const BEFORE = 300;

/**
 * Measures the median time, over about so many milliseconds, in which one task of each stem predicts a batch, one task after the other: from raw
 * inputs to decoded predictions by `predict`, and from collated numbers to scores by the others.
 */
export async function measurePredict(
  name: string,
  batch: number,
  predictor: Predictor,
  milliseconds: number,
): Promise<PredictMeasurement> {
  await startRuntime({ require: 'tensorflow' });
  const network = await networkOf(name, batch);
  // A network may share its stem: then one of its tasks is all there is to measure.
  const tasks = passesOf(internals(network).body.tasks).map(({ tasks: [first] }) => first!);
  const { once, done } = await { graph: byPredict, stock: byStock, onnx: byOnnx }[predictor](
    network,
    tasks,
    batch,
    name,
  );
  const started = performance.now();
  for (let i = 0; i < WARM || performance.now() - started < BEFORE; i++) await once();
  const times: number[] = [];
  const before = process.cpuUsage();
  const begun = performance.now();
  while (times.length < MOST && (times.length < LEAST || performance.now() - begun < milliseconds)) {
    const begin = performance.now();
    await once();
    times.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(before);
  await done?.();
  network.dispose();
  return {
    msPerStep: median(times),
    processorMs: (user + system) / 1000 / times.length,
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Predicts a batch of each task once. */
interface Prediction {
  readonly once: () => Promise<unknown>;
  readonly done?: () => Promise<void>;
}

async function byPredict(network: Network, tasks: readonly BuiltTask[], batch: number): Promise<Prediction> {
  const inputs: (readonly [string, unknown[]])[] = [];
  for (const { name } of tasks) inputs.push([name, await rawInputs(network, name, batch)]);
  return {
    once: async () => {
      for (const [name, raw] of inputs) await network.predict(name, raw as never);
    },
  };
}

/** What the stems take for the first examples of each task. */
async function collated(network: Network, tasks: readonly BuiltTask[], batch: number): Promise<readonly HostTensor[]> {
  const inputs: HostTensor[] = [];
  for (const { name, input } of tasks)
    inputs.push(...assembleInputs(name, input, await rawInputs(network, name, batch)));
  return inputs;
}

async function byStock(
  network: Network,
  tasks: readonly BuiltTask[],
  batch: number,
  name: string,
): Promise<Prediction> {
  const inputs = await collated(network, tasks, batch);
  const stock = await stockOf(name, network, batch);
  return {
    once: async () => {
      const scores = tf.tidy(() => [
        ...stock.scores(inputs.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype))),
      ]);
      for (const each of scores) await each.data();
      tf.dispose(scores);
    },
  };
}

async function byOnnx(network: Network, tasks: readonly BuiltTask[], batch: number): Promise<Prediction> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node').catch((cause: Error) => {
    throw new BanyanError(
      'runtime',
      `bench predict: onnxruntime-node cannot be loaded, expected it beside PyTorch and tfjs: ${cause.message}. Install it by \`npm install onnxruntime-node\`.`,
      { cause },
    );
  });
  const inputs = await collated(network, tasks, batch);
  const folder = await mkdtemp(join(tmpdir(), 'banyan-bench-'));
  const out = join(folder, 'exported');
  const { functions } = await exportNetwork(network, { format: 'onnx', out, tasks: tasks.map(({ name }) => name) });
  const sessions: (readonly [InferenceSession, Record<string, Tensor>])[] = [];
  for (const [i, { name, inputs: taken }] of functions.entries()) {
    const [{ name: input, shape }] = taken as [ExportedTensor];
    const { values, dtype, shape: dims } = padTo(inputs[i]!, shape);
    const session = await InferenceSession.create(join(out, `${name}.onnx`), { logSeverityLevel: 3 });
    sessions.push([session, { [input]: new Tensor(dtype as 'float32', values as Float32Array, dims) }]);
  }
  await rm(folder, { recursive: true });
  return {
    once: async () => {
      for (const [session, feeds] of sessions) await session.run(feeds);
    },
    done: async () => {
      for (const [session] of sessions) await session.release();
    },
  };
}
