import { createHash } from 'node:crypto';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { type Results, runtimeIdentity } from '../../runtime/index.ts';
import type { SourceContext } from '../../task/source.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, entriesOf, isWriting, passOf, type WritingTask } from '../assembly/built.ts';
import { type HostTensor, toTensor } from '../batch/host-tensor.ts';
import { nameOutput } from '../inference/outputs.ts';
import { readFor, writtenFor } from '../inference/write.ts';
import type { FrozenFacts } from './description.ts';
import { FROZEN_EXAMPLES, fitsStem, frozenExamples } from './frozen-examples.ts';
import type { StoredFile } from './stored-file.ts';

/** How far another processor or TensorFlow may round differently, as a share of the largest output. */
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

  /** Keeps what a task gives on the first examples of its source, before its column is frozen. */
  async add(task: BuiltTask, context: SourceContext): Promise<void> {
    const inputs = await frozenExamples(task, context);
    const outputs = await this.#outputs(task, inputs);
    this.#tasks.set(task.name, { inputs, outputs, digest: digestOf(outputs), runtime: await runtimeIdentity() });
  }

  /** Forgets a task that may be trained again. */
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

  async #outputs(task: BuiltTask, inputs: readonly HostTensor[]): Promise<Results> {
    const target = isWriting(task) ? await this.#written(task, inputs) : undefined;
    const trace = () => {
      const encoded = this.#body.encode(passOf(task), inputs.map(toTensor), false);
      return nameOutput(
        target === undefined ? this.#body.read(task, encoded) : this.#body.output(task, encoded, toTensor(target)),
      );
    };
    return this.#body.compute({ kind: 'probe', key: [], inputs: [], trace }, 'eager');
  }

  /** What a head writes for these, as the target of its own scores. */
  async #written(task: WritingTask, inputs: readonly HostTensor[]): Promise<HostTensor> {
    const how = { compile: 'eager' } as const;
    const symbols = await writtenFor(this.#body, task, await readFor(this.#body, task, inputs, how), how);
    const length = task.label.shape[0]!;
    const values = new Int32Array(symbols.length * length);
    for (const [i, sequence] of symbols.entries()) values.set(sequence, i * length);
    return { shape: [symbols.length, length], dtype: 'int32', values };
  }

  get facts(): Readonly<Record<string, FrozenFacts>> {
    return Object.fromEntries([...this.#tasks].map(([name, { digest, runtime }]) => [name, { digest, runtime }]));
  }

  /** The examples and outputs by name, to be saved. */
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
   * Puts the proof of a saved network in place of what is here.
   * @throws BanyanError `checkpoint` for examples that do not fit into the stems of their task.
   */
  restore(facts: Readonly<Record<string, FrozenFacts>>, { file, tensors }: StoredFile): void {
    this.#tasks.clear();
    for (const [name, { digest, runtime }] of Object.entries(facts)) {
      const place = (i: number) => `${name}/input/${i}`;
      const inputs = entriesOf(this.#body.task(name).input).map(({ stem: { implementation } }, i) => {
        const input = tensors.get(place(i));
        if (input !== undefined && fitsStem(implementation, input)) return input as HostTensor;
        throw new BanyanError(
          'checkpoint',
          `${file}: "${place(i)}" should be [${FROZEN_EXAMPLES}, ${implementation.inputShape.join(', ')}]${implementation.lengths === undefined ? '' : ' or shorter'}, received ${input === undefined ? 'nothing' : `[${input.shape.join(', ')}]`}. Give the same tasks with the same options as it was saved with.`,
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

function digestOf(outputs: Results): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(outputs).sort()) {
    const { shape, dtype, values } = outputs[name]!;
    hash.update(`${name} ${dtype} [${shape}]\n`);
    hash.update(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** Gives the largest difference over all outputs, relative to the largest number before; Infinity for other outputs or NaN. */
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
