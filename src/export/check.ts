import { BanyanError } from '../error.ts';
import { isWriting, type NetworkBody } from '../network/index.ts';
import type { Computation, HostTensor, Results } from '../runtime/index.ts';
import type { SampleOutput } from '../task/contract.ts';
import { padTo, type TaskExamples } from './examples.ts';
import type { Opened } from './formats/format.ts';
import type { NetworkGraph, Signature } from './graph/network-graph.ts';

/** An exported number may differ by this part of the largest of its output. */
export const TOLERANCE = 1e-5;

/** What a check found of a function. */
export interface Finding {
  /** The largest difference, as a part of the largest number of the output. */
  readonly difference: number;
  /** What one example takes in this runtime, the least of three times. */
  readonly milliseconds: number;
}

export interface CheckOptions {
  /** Weights in place of the network's. */
  readonly instead?: Computation['instead'];
  /** The part of the largest number that another one may differ by. Default 1e-5. */
  readonly tolerance?: number;
}

/** A function's inputs, and by name what its outputs are to be: the numbers of each sample. */
interface Question {
  readonly inputs: readonly HostTensor[];
  readonly expected: ReadonlyMap<string, readonly Numbers[]>;
}

/** What computes: a network, and weights in place of its own. */
interface Weights {
  readonly body: NetworkBody;
  readonly instead: Computation['instead'];
}

type Numbers = HostTensor['values'];

/**
 * Runs what was exported on examples, and compares with what the network gives.
 * @returns what was found, by the function's name.
 * @throws BanyanError `runtime` for a function that gives other numbers.
 */
export async function checkExport(
  body: NetworkBody,
  { signatures }: NetworkGraph,
  opened: Opened,
  examples: readonly TaskExamples[],
  { instead, tolerance = TOLERANCE }: CheckOptions = {},
): Promise<ReadonlyMap<string, Finding>> {
  const findings = new Map<string, Finding>();
  for (const task of examples) {
    const functions = signatures.filter((each) => each.task === task.task.name);
    for await (const [signature, question] of questionsFor({ body, instead }, functions, task)) {
      const difference = differenceOf(await run(opened, signature, question.inputs), signature, question);
      if (!(difference <= tolerance)) {
        throw new BanyanError(
          'runtime',
          `"${signature.name}" gives other numbers by ${opened.runtime} than the network: they differ by ${difference} of the largest one, expected at most ${tolerance}. Nothing was exported; report this with the network's parts.`,
        );
      }
      const milliseconds = await timeOf(opened, signature, question.inputs);
      findings.set(signature.name, { difference, milliseconds });
    }
  }
  return findings;
}

async function run(opened: Opened, signature: Signature, inputs: readonly HostTensor[]) {
  try {
    return await opened.run(signature, inputs);
  } catch (cause) {
    throw new BanyanError(
      'runtime',
      `"${signature.name}" cannot be run by ${opened.runtime}: ${(cause as Error).message}. Nothing was exported; report this with the network's parts.`,
      { cause },
    );
  }
}

/** What the first example alone takes. */
async function timeOf(opened: Opened, signature: Signature, inputs: readonly HostTensor[]): Promise<number> {
  const first = inputs.map(
    ({ shape: [, ...shape], dtype, values }) =>
      ({
        shape: [1, ...shape],
        dtype,
        values: values.slice(
          0,
          shape.reduce((a, b) => a * b, 1),
        ),
      }) as HostTensor,
  );
  if (opened.time !== undefined) return opened.time(signature, first);
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time++) {
    const begin = performance.now();
    await opened.run(signature, first);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

export async function* questionsFor(
  weights: Weights,
  signatures: readonly Signature[],
  { task, prepared, outputs }: TaskExamples,
): AsyncGenerator<readonly [Signature, Question]> {
  const padded = ({ inputs }: Signature, tensors: readonly HostTensor[]) =>
    inputs.map(({ shape }, i) => padTo(tensors[i]!, shape));
  const first = signatures[0]!;
  const inputs = padded(first, prepared);
  if (!isWriting(task)) {
    yield [first, { inputs, expected: new Map(first.outputs.map(({ name }) => [name, numbersOf(outputs, name)])) }];
    return;
  }
  const read = await computed(weights, first, inputs);
  yield [first, { inputs, expected: rowsOf(read) }];
  const write = signatures[1]!;
  const written = padded(write, [read.tokens!, read.mask!, symbolsOf(outputs as readonly Float32Array[])]);
  yield [write, { inputs: written, expected: rowsOf(await computed(weights, write, written)) }];
}

const numbersOf = (outputs: readonly SampleOutput[], name: string): readonly Numbers[] =>
  outputs.map((sample) => (sample instanceof Float32Array ? sample : sample[name]!));

const computed = (
  { body, instead }: Weights,
  { name, trace }: Signature,
  inputs: readonly HostTensor[],
): Promise<Results> =>
  body.compute(
    { kind: 'predict', key: ['export', name], inputs, trace, ...(instead === undefined ? {} : { instead }) },
    'auto',
  );

const rowsOf = (results: Results): Question['expected'] =>
  new Map(
    Object.entries(results).map(([name, { shape, values }]) => {
      const row = values.length / shape[0]!;
      return [name, Array.from({ length: shape[0]! }, (_, i) => values.subarray(i * row, (i + 1) * row))];
    }),
  );

/** Sequences of symbols as one tensor, filled up with 0. */
function symbolsOf(sequences: readonly Float32Array[]): HostTensor {
  const longest = Math.max(...sequences.map(({ length }) => length));
  const values = new Int32Array(sequences.length * longest);
  for (const [i, sequence] of sequences.entries()) values.set(sequence, i * longest);
  return { shape: [sequences.length, longest], dtype: 'int32', values };
}

/** The largest difference of all outputs, each as a part of its largest number. */
function differenceOf(results: readonly HostTensor[], { outputs }: Signature, { expected }: Question): number {
  const parts = outputs.map(({ name }, i) => {
    const samples = expected.get(name)!;
    const { values } = results[i]!;
    const row = values.length / samples.length;
    let [largest, difference] = [0, 0];
    for (const [s, numbers] of samples.entries()) {
      // A shorter batch has fewer positions, and they come first.
      for (const [at, number] of numbers.entries()) {
        largest = Math.max(largest, Math.abs(number));
        difference = Math.max(difference, Math.abs(number - values[s * row + at]!));
      }
    }
    return largest === 0 ? difference : difference / largest;
  });
  return Math.max(...parts);
}
