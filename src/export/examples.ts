import { BanyanError } from '../error.ts';
import {
  assembleInputs,
  type BuiltTask,
  measuringContext,
  type NetworkBody,
  openSource,
  outputsOf,
  readExamples,
} from '../network/index.ts';
import type { Computation, HostTensor } from '../runtime/index.ts';
import type { SampleOutput } from '../task/contract.ts';
import type { Split } from '../task/source.ts';

/** An export is checked on so many examples of each task. */
export const EXAMPLES = 8;

/** Examples of a task, and what the network makes of them. */
export interface TaskExamples {
  readonly task: BuiltTask;
  readonly raw: readonly unknown[];
  /** As the task's stems take them. */
  readonly prepared: readonly HostTensor[];
  /** What the head gives, undecoded; of one that writes the symbols. */
  readonly outputs: readonly SampleOutput[];
}

/**
 * Takes examples of a task that the network is to be checked on, from its source where none are handed in. `instead`: weights in place of
 * the network's.
 * @throws BanyanError `data` for a source that has none.
 */
export async function examplesOf(
  body: NetworkBody,
  task: BuiltTask,
  handed: readonly unknown[] | undefined,
  instead?: Computation['instead'],
): Promise<TaskExamples> {
  const raw = handed ?? (await readRaw(body, task));
  return {
    task,
    raw,
    prepared: assembleInputs(task.name, task.input, raw),
    outputs: await outputsOf(body, task, raw, instead === undefined ? {} : { instead }),
  };
}

async function readRaw(body: NetworkBody, { name, definition: { source } }: BuiltTask): Promise<readonly unknown[]> {
  await openSource(name, source);
  const split = (['test', 'validation', 'training'] satisfies Split[]).find((each) => source.counts[each] > 0);
  if (split === undefined) {
    throw new BanyanError(
      'data',
      `Task "${name}": its source has no examples, expected ${EXAMPLES} to check the export on. Hand some in as \`examples\`.`,
    );
  }
  const indices = Array.from({ length: Math.min(EXAMPLES, source.counts[split]) }, (_, i) => i);
  return (await readExamples(name, source, split, indices, measuringContext(body))).map(({ input }) => input);
}

/** Fills a batch up with 0 to the shape that a function takes. */
export function padTo({ shape: [samples = 0], dtype, values }: HostTensor, shape: readonly number[]): HostTensor {
  const row = shape.slice(1).reduce((a, b) => a * b, 1);
  const had = values.length / samples;
  const padded = dtype === 'float32' ? new Float32Array(samples * row) : new Int32Array(samples * row);
  for (let i = 0; i < samples; i++) padded.set(values.subarray(i * had, (i + 1) * had), i * row);
  return { shape: [samples, ...shape.slice(1)], dtype, values: padded } as HostTensor;
}
