import * as tf from '@tensorflow/tfjs';
import { check, count } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { HostTensor as AnyHostTensor, CompileMode, Computation, Results } from '../../runtime/index.ts';
import { show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { Output, SampleOutput, TypedArray } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { type BuiltTask, isWriting, passOf, type WritingTask } from '../assembly/built.ts';
import { BufferPool } from '../batch/buffer-pool.ts';
import { collateInputs, prepareExample } from '../batch/collate.ts';
import type { HostTensor } from '../batch/host-tensor.ts';
import type { PlaceOf } from '../batch/places.ts';
import { readFor, type WriteOptions, writtenFor } from './write.ts';

const BATCH = 64;

/** The buffers of each network that no prediction uses now. */
const scratch = new WeakMap<NetworkBody, BufferPool[]>();

// The name of an output that is one tensor; a record's names stand after it.
const ONLY = 'output';

/** Names the tensors of a head's output, each after `prefix`. */
export function nameOutput(output: Output, prefix = ''): Record<string, tf.Tensor> {
  if (output instanceof tf.Tensor) return { [prefix + ONLY]: output };
  return Object.fromEntries(Object.entries(output).map(([name, tensor]) => [`${prefix}${ONLY}/${name}`, tensor]));
}

/** Decodes one sample's output to what a user sees. `place`: what an error calls the sample. */
export const decodeOutput = ({ scope, head }: BuiltTask, output: SampleOutput, place: string): unknown =>
  blaming(`${scope}: decode() of ${place}`, 'a prediction', () => head.decode(output));

/** Makes tensors of what `nameOutput` named: the first `count` samples. */
export function outputOf(results: Results, count: number, prefix = ''): Output {
  const tensor = ({ values, shape, dtype }: AnyHostTensor) =>
    tf.tensor(values, [...shape], dtype).slice(0, Math.min(count, shape[0]!));
  const only = prefix + ONLY;
  if (results[only] !== undefined) return tensor(results[only]);
  const named = Object.entries(results).filter(([name]) => name.startsWith(`${only}/`));
  return Object.fromEntries(named.map(([name, result]) => [name.slice(only.length + 1), tensor(result)]));
}

/** Takes what `nameOutput` named apart: the outputs of the batch's first `count` samples, on the host. */
export function samplesOf(results: Results, count: number, prefix = ''): SampleOutput[] {
  const rows = (name: string): Float32Array[] => {
    const { values, shape } = results[name]!;
    const size = values.length / shape[0]!;
    const numbers = values instanceof Float32Array ? values.slice() : Float32Array.from(values);
    return Array.from({ length: count }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
  };
  const only = prefix + ONLY;
  if (only in results) return rows(only);
  const columns = Object.keys(results)
    .filter((name) => name.startsWith(`${only}/`))
    .map((name) => [name.slice(only.length + 1), rows(name)] as const);
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(columns.map(([name, column]) => [name, column[i]!])),
  );
}

export interface OutputOptions {
  /** Default `auto`. */
  readonly compile?: CompileMode;
  /** Sequences that a head which writes follows at once. Default 1: greedily. */
  readonly beam?: number | undefined;
  /** Other weights in place of the network's. */
  readonly instead?: Computation['instead'];
  /** What an error calls each of the inputs. */
  readonly placeOf?: PlaceOf;
}

/** @throws BanyanError `argument` for what is no number of sequences, and for a head that writes none. */
function checkBeam(task: BuiltTask, beam: unknown): void {
  if (beam === undefined) return;
  check(`Task "${task.name}": predict`, { beam }, count);
  if (isWriting(task)) return;
  throw new BanyanError(
    'argument',
    `Task "${task.name}": predict was given beam ${beam}, and its head writes no sequences. Expected a head with \`writes\`. Leave beam out.`,
  );
}

/**
 * Gives what a task's head makes of raw inputs, undecoded, one a sample.
 * @throws BanyanError as `Network.predict`.
 */
export async function outputsOf(
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly unknown[],
  { compile = 'auto', beam, instead, placeOf = (i) => `input ${i}` }: OutputOptions = {},
): Promise<readonly SampleOutput[]> {
  if (!(Array.isArray(inputs) || ArrayBuffer.isView(inputs))) {
    throw new BanyanError(
      'argument',
      `Task "${task.name}": predict takes a list of inputs, received ${show(inputs)}. Put a single input into a list.`,
    );
  }
  checkBeam(task, beam);
  const samples: SampleOutput[] = [];
  for (let start = 0; start < inputs.length; start += BATCH) {
    const placeOfInput = (i: number) => placeOf(start + i);
    const examples = inputs
      .slice(start, start + BATCH)
      .map((raw, i) => prepareExample(task.name, task.input, raw, placeOfInput(i)));
    samples.push(...(await outputsOfPrepared(body, task, examples, { compile, beam, instead, placeOf: placeOfInput })));
  }
  return samples;
}

/** Gives what a task's head makes of a batch of examples that `prepareExample` gave, undecoded, one a sample. */
export async function outputsOfPrepared(
  body: NetworkBody,
  task: BuiltTask,
  examples: readonly (readonly TypedArray[])[],
  { compile = 'auto', beam, instead, placeOf = (i) => `input ${i}` }: OutputOptions = {},
): Promise<readonly SampleOutput[]> {
  const pools = scratch.get(body) ?? [];
  scratch.set(body, pools);
  const pool = pools.pop() ?? new BufferPool();
  // Few sizes, so few graphs: what is added is computed in vain.
  const graphs = body.runner.modeOf(compile, 'predict') !== 'eager';
  const size = graphs ? 2 ** Math.ceil(Math.log2(examples.length)) : examples.length;
  const at = (i: number) => Math.min(i, examples.length - 1);
  const full = Array.from({ length: size }, (_, i) => examples[at(i)]!);
  const inputs = collateInputs(task.name, task.input, full, (i) => placeOf(at(i)), pool.clear());
  const samples = isWriting(task)
    ? await writtenBy(body, task, inputs, { compile, beam, instead })
    : samplesOf(await resultsOf(body, task, inputs, { compile, instead }), examples.length);
  pools.push(pool);
  return samples.slice(0, examples.length);
}

async function writtenBy(
  body: NetworkBody,
  task: WritingTask,
  inputs: readonly HostTensor[],
  options: WriteOptions,
): Promise<readonly SampleOutput[]> {
  return writtenFor(body, task, await readFor(body, task, inputs, options), options);
}

/** Gives what a head that does not write makes of a batch as its stems take it, by the names of `nameOutput`. */
export const resultsOf = (
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly HostTensor[],
  { compile = 'auto', instead }: Pick<OutputOptions, 'compile' | 'instead'> = {},
): Promise<Results> =>
  body.compute(
    {
      kind: 'predict',
      key: [task.name],
      inputs,
      trace: (batch) => nameOutput(body.read(task, body.encode(passOf(task), batch, false))),
      ...(instead === undefined ? {} : { instead }),
    },
    compile,
  );
