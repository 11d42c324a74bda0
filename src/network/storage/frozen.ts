import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { RandomStream } from '../../random/index.ts';
import { type Results, runtimeIdentity } from '../../runtime/index.ts';
import type { Stem } from '../../task/contract.ts';
import type { SourceContext, Split } from '../../task/source.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { type BuiltStem, type BuiltTask, passOf, stemsOf } from '../assembly/built.ts';
import { openSource } from '../assembly/open-source.ts';
import { assembleInputs, type HostTensor, toTensor } from '../batch/collate.ts';
import { placesIn } from '../batch/places.ts';
import { readExamples } from '../batch/read-examples.ts';
import { nameOutput } from '../inference/outputs.ts';
import type { FrozenFacts } from './description.ts';
import type { StoredFile } from './stored-file.ts';

const PROBES = 4;
/** Of the largest output: how far another processor or TensorFlow may round differently. */
const TOLERANCE = 1e-3;

/** A frozen task: a few prepared examples, and what it gave on them when it was frozen. */
interface Frozen extends FrozenFacts {
  readonly inputs: readonly HostTensor[];
  readonly outputs: Results;
}

/** The frozen tasks of a network, with the proof that they still give what they gave. */
export class FrozenTasks {
  readonly #body: NetworkBody;
  readonly #tasks = new Map<string, Frozen>();

  constructor(body: NetworkBody) {
    this.#body = body;
  }

  /** Takes down what a task gives on the first examples of its source, before its column is frozen. */
  async add(task: BuiltTask, context: SourceContext): Promise<void> {
    const inputs = await probesOf(task, context);
    const outputs = await this.#outputs(task, inputs);
    this.#tasks.set(task.name, { inputs, outputs, digest: digestOf(outputs), runtime: await runtimeIdentity() });
  }

  /** A task that may be trained again. */
  remove(task: string): void {
    this.#tasks.delete(task);
  }

  /**
   * Computes all outputs again.
   * @throws BanyanError `frozen` naming the task whose outputs are others: to the bit where TensorFlow, device and threads
   * are those of the time, else by more than rounding.
   */
  async verify(): Promise<void> {
    const runtime = await runtimeIdentity();
    for (const [name, frozen] of this.#tasks) {
      const outputs = await this.#outputs(this.#body.task(name), frozen.inputs);
      const digest = digestOf(outputs);
      if (digest === frozen.digest) continue;
      const difference = largestDifference(frozen.outputs, outputs);
      const elsewhere = JSON.stringify(runtime) !== JSON.stringify(frozen.runtime);
      if (!(elsewhere && difference <= TOLERANCE)) throw changed(name, difference);
      // From here on this machine's bits are the ones to keep.
      this.#tasks.set(name, { ...frozen, outputs, digest, runtime });
    }
  }

  #outputs(task: BuiltTask, inputs: readonly HostTensor[]): Promise<Results> {
    const trace = () => {
      const encoded = this.#body.encode(passOf(task), inputs.map(toTensor), false);
      return nameOutput(this.#body.output(task, encoded));
    };
    return this.#body.compute({ kind: 'probe', key: [], inputs: [], trace }, 'eager');
  }

  get facts(): Readonly<Record<string, FrozenFacts>> {
    return Object.fromEntries([...this.#tasks].map(([name, { digest, runtime }]) => [name, { digest, runtime }]));
  }

  /** Probes and outputs by name, to be saved. */
  get tensors(): ReadonlyMap<string, StoredTensor> {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { inputs, outputs }] of this.#tasks) {
      for (const [i, input] of inputs.entries()) tensors.set(`${name}/input/${i}`, input);
      for (const [output, tensor] of Object.entries(outputs)) {
        tensors.set(`${name}/${output}`, tensor as StoredTensor);
      }
    }
    return tensors;
  }

  /**
   * Those of a saved network in place of what is here.
   * @throws BanyanError `checkpoint` for examples that do not fit into the stems of their task.
   */
  restore(facts: Readonly<Record<string, FrozenFacts>>, { file, tensors }: StoredFile): void {
    this.#tasks.clear();
    for (const [name, { digest, runtime }] of Object.entries(facts)) {
      const place = (i: number) => `${name}/input/${i}`;
      const inputs = stemsOf(this.#body.task(name).stem).map(({ implementation }, i) => {
        const input = tensors.get(place(i));
        if (input !== undefined && fits(implementation, input)) return input as HostTensor;
        throw new BanyanError(
          'checkpoint',
          `${file}: "${place(i)}" should be [${PROBES}, ${implementation.inputShape.join(', ')}]${implementation.lengths === undefined ? '' : ' or shorter'}, received ${input === undefined ? 'nothing' : `[${input.shape.join(', ')}]`}. Give the same tasks with the same options as it was saved with.`,
        );
      });
      const outputs: Record<string, HostTensor> = {};
      for (const [key, tensor] of tensors) {
        if (key.startsWith(`${name}/`) && !key.startsWith(`${name}/input/`))
          outputs[key.slice(name.length + 1)] = tensor as HostTensor;
      }
      this.#tasks.set(name, { inputs, outputs, digest, runtime });
    }
  }
}

/**
 * The first examples that are held out, or, where none are, of those trained on; a source's state is left as it was. Where
 * the data is not here (a network may grow on without it), random numbers.
 */
async function probesOf(built: BuiltTask, context: SourceContext): Promise<readonly HostTensor[]> {
  try {
    return await examplesOf(built, context);
  } catch (error) {
    if (!(error instanceof BanyanError && error.code === 'data')) throw error;
    return stemsOf(built.stem).map(randomProbe);
  }
}

async function examplesOf(built: BuiltTask, context: SourceContext): Promise<readonly HostTensor[]> {
  const { source } = built.definition;
  await openSource(built.name, source);
  const split: Split = source.counts.validation > 0 ? 'validation' : 'training';
  const state = source.state?.();
  const indices = Array.from({ length: PROBES }, (_, i) => i % source.counts[split]);
  try {
    const examples = await readExamples(built.name, source, split, indices, context);
    return assembleInputs(
      built.name,
      built.stem,
      examples.map(({ input }) => input),
      placesIn(split, indices),
    );
  } finally {
    if (state !== undefined) source.restore?.(state);
  }
}

/** Whether these can be examples of a stem. */
function fits({ inputShape, lengths = [inputShape[0]!] }: Stem<unknown>, { shape }: StoredTensor): boolean {
  const [batch, length, ...rest] = shape;
  return batch === PROBES && lengths.includes(length!) && String(rest) === String(inputShape.slice(1));
}

/** Numbers in [0, 1), or, for a stem that takes whole numbers, 0 and 1, which every vocabulary has. */
function randomProbe({ scope, implementation }: BuiltStem): HostTensor {
  const shape = [PROBES, ...implementation.inputShape];
  const size = shape.reduce((a, b) => a * b, 1);
  const random = new RandomStream(0, scope);
  const floats: HostTensor = {
    shape,
    dtype: 'float32',
    values: Float32Array.from({ length: size }, () => random.uniform()),
  };
  try {
    tf.tidy(() => void implementation.forward(toTensor(floats), { training: false }));
    return floats;
  } catch {
    return { shape, dtype: 'int32', values: Int32Array.from(floats.values, Math.round) };
  }
}

function digestOf(outputs: Results): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(outputs).sort()) {
    const { shape, dtype, values } = outputs[name]!;
    hash.update(`${name} ${dtype} [${shape}]\n`);
    hash.update(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** Over all outputs, relative to the largest number before; Infinity for other outputs or NaN. */
function largestDifference(before: Results, after: Results): number {
  let largest = 0;
  for (const [name, { values }] of Object.entries(before)) {
    const now = after[name]?.values;
    if (now?.length !== values.length) return Number.POSITIVE_INFINITY;
    let [scale, difference] = [0, 0];
    for (const [i, value] of values.entries()) {
      const distance = Math.abs(now[i]! - value);
      if (Number.isNaN(distance)) return Number.POSITIVE_INFINITY;
      scale = Math.max(scale, Math.abs(value));
      difference = Math.max(difference, distance);
    }
    largest = Math.max(largest, difference / Math.max(scale, 1e-12));
  }
  return largest;
}

function changed(task: string, difference: number): BanyanError {
  return new BanyanError(
    'frozen',
    `Task "${task}" is frozen and gives other outputs than before (by up to ${difference.toPrecision(2)} of the largest one), expected the same to the bit. Something has assigned its weights, or its stem, blocks or head compute something else now. Load the network as it was saved, and leave its old variables alone.`,
  );
}
