import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { RandomStream } from '../../random/index.ts';
import type { Stem } from '../../task/contract.ts';
import type { SourceContext, Split } from '../../task/source.ts';
import { type BuiltStem, type BuiltTask, entriesOf } from '../assembly/built.ts';
import { openSource } from '../assembly/open-source.ts';
import { assembleInputs } from '../batch/collate.ts';
import { type HostTensor, toTensor } from '../batch/host-tensor.ts';
import { placesIn } from '../batch/places.ts';
import { readExamples } from '../batch/read-examples.ts';

/** How many examples a frozen task is checked by. */
export const FROZEN_EXAMPLES = 4;

/**
 * Prepares the first examples of a task that are held out, or, where none are, of those trained on; a source's state is left as it
 * was. Where the data is not here (a network may grow on without it), they are random numbers.
 */
export async function frozenExamples(built: BuiltTask, context: SourceContext): Promise<readonly HostTensor[]> {
  try {
    return await examplesOf(built, context);
  } catch (error) {
    if (!(error instanceof BanyanError && error.code === 'data')) throw error;
    return entriesOf(built.input).map(({ stem }) => randomExamples(stem));
  }
}

async function examplesOf(built: BuiltTask, context: SourceContext): Promise<readonly HostTensor[]> {
  const { source } = built.definition;
  await openSource(built.name, source);
  const split: Split = source.counts.validation > 0 ? 'validation' : 'training';
  const state = source.state?.();
  const indices = Array.from({ length: FROZEN_EXAMPLES }, (_, i) => i % source.counts[split]);
  try {
    const examples = await readExamples(built.name, source, split, indices, context);
    return assembleInputs(
      built.name,
      built.input,
      examples.map(({ input }) => input),
      placesIn(split, indices),
    );
  } finally {
    if (state !== undefined) source.restore?.(state);
  }
}

/** Says whether a stored tensor can hold examples of a stem. */
export function fitsStem({ inputShape, lengths = [inputShape[0]!] }: Stem<unknown>, { shape }: StoredTensor): boolean {
  const [batch, length, ...rest] = shape;
  return batch === FROZEN_EXAMPLES && lengths.includes(length!) && String(rest) === String(inputShape.slice(1));
}

/** Makes numbers in [0, 1), or, for a stem that takes whole numbers, 0 and 1, which every vocabulary has. */
function randomExamples({ scope, implementation }: BuiltStem): HostTensor {
  const shape = [FROZEN_EXAMPLES, ...implementation.inputShape];
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
