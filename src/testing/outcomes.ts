import assert from 'node:assert/strict';
import type * as tf from '@tensorflow/tfjs';
import type { Head, Output, SampleOutput } from '../task/contract.ts';

/** Checks what a head says can be explained: a name for each number, and of each sample weighted sums of numbers that there are. */
export function checkOutcomes(
  { outcomes }: Pick<Head<unknown, unknown>, 'outcomes'>,
  output: Output,
  count: number,
): void {
  if (outcomes === undefined) return;
  const numbers = countNumbers(outcomes.pick === undefined ? output : outcomes.pick(output), count);
  const { names } = outcomes;
  assert.ok(
    names.length === 0 || names.length === numbers,
    `outcomes must have a name for each of ${numbers} numbers, or none, received ${names.length}`,
  );
  for (const sample of outcomes.found === undefined ? [] : samplesOf(output, count)) {
    const { outcomes: found, best } = outcomes.found!(sample as never);
    assert.ok(found.length === 0 || found[best] !== undefined, `best must be one of ${found.length}, received ${best}`);
    for (const { name, terms } of found) {
      assert.ok(name.length > 0 && terms.length > 0, 'what is found must have a name, and numbers of which it is made');
      const fits = terms.every(
        ([i, weight]) => Number.isInteger(i) && i >= 0 && i < numbers && Number.isFinite(weight),
      );
      assert.ok(fits, `"${name}" must be made of numbers from 0 to ${numbers - 1}, with finite weights`);
    }
  }
}

/** Each sample of an output, as `decode` takes it. */
function samplesOf(output: Output, count: number): readonly SampleOutput[] {
  const rows = (tensor: tf.Tensor): readonly Float32Array[] => {
    const values = Float32Array.from(tensor.dataSync());
    const size = values.length / count;
    return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
  };
  if ('shape' in output) return rows(output as tf.Tensor);
  const named = Object.entries(output).map(([name, tensor]) => [name, rows(tensor)] as const);
  return Array.from({ length: count }, (_, i) => Object.fromEntries(named.map(([name, all]) => [name, all[i]!])));
}

/** How many numbers of each sample can be explained. */
function countNumbers(picked: Output, samples: number): number {
  const { shape, size } = picked as tf.Tensor;
  assert.ok(shape?.[0] === samples, `outcomes must pick one tensor [${samples}, numbers] out of the output`);
  return size / samples;
}
