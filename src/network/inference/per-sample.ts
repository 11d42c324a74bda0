import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { stepKey } from '../../random/index.ts';
import type { Output } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import type { BuiltTask } from '../assembly/built.ts';

/** How far a loss may be another one by rounding, of the loss or of 1. */
const TOLERANCE = 1e-4;

/** What a loss takes of one sample: a batch of one. */
interface Sample {
  readonly output: Output;
  readonly target: tf.Tensor;
}

const checked = new WeakSet<BuiltTask>();

/**
 * Checks, once a task, that the loss of a sample follows from its own output and target: what stands beside it in the batch is
 * exchanged. (`output [batch, 1]` minus `target [batch]` is `[batch, batch]`, whose mean over an axis looks like losses.) A head that
 * `comparesSamples` is let pass. Eagerly, so not while a graph changes the weights, and inside of `tf.tidy`.
 * @throws BanyanError `plugin`.
 */
export function assertPerSample(body: NetworkBody, task: BuiltTask, output: Output, target: tf.Tensor): void {
  if (checked.has(task) || task.head.comparesSamples === true) return;
  const losses = (samples: readonly Sample[], seed = 0): Float32Array => {
    body.randomness.begin(tf.tensor1d(stepKey(seed, 0), 'int32'));
    try {
      return body.loss(task, ...batchOf(samples)).dataSync() as Float32Array;
    } finally {
      body.randomness.begin();
    }
  };
  /** Undefined for numbers that the loss does not take. */
  const tried = (samples: readonly Sample[]): Float32Array | undefined => {
    try {
      return losses(samples);
    } catch {
      return undefined;
    }
  };
  const sample = rowOf(output, target, 0);
  const neighbours = [
    ...(target.shape[0]! > 1 ? [rowOf(output, target, 1)] : []),
    // Outputs of a fresh head, and targets, may all be equal. 0 is the label of a sample that has none, so any loss takes it.
    { output: shifted(sample.output, 1), target: tf.zerosLike(target.slice(0, 1)) },
    { output: shifted(sample.output, -1), target: tf.onesLike(target.slice(0, 1)) },
  ];
  const alone = losses([sample, sample]);
  // Drawn without our randomness: it cannot be told what the differences come from.
  if (String(losses([sample, sample])) !== String(alone)) return;
  for (const neighbour of neighbours) {
    assertSame(task, alone[0]!, tried([sample, neighbour])?.[0]);
    assertSame(task, alone[1]!, tried([neighbour, sample])?.[1]);
  }
  // Draws of another number of samples may be others.
  if (String(losses([sample, sample], 1)) === String(alone)) assertSame(task, alone[0]!, tried([sample])?.[0]);
  checked.add(task);
}

function assertSame({ scope }: BuiltTask, loss: number, other: number | undefined): void {
  // One that is not finite ends the training by itself.
  if (other === undefined || !Number.isFinite(loss)) return;
  if (Math.abs(loss - other) <= TOLERANCE * Math.max(1, Math.abs(loss))) return;
  throw new BanyanError(
    'plugin',
    `${scope}: loss() gave ${loss} for a sample, and ${other} for the same one with another sample, or none, beside it. Expected a loss of each sample's own output and target. Give output and target one shape (squeeze or reshape one of them: [batch, 1] minus [batch] is [batch, batch]), and reduce all axes but the first; where samples are meant to be compared with one another, as by a contrastive loss, set the head's comparesSamples.`,
  );
}

/** One sample of a batch. */
function rowOf(output: Output, target: tf.Tensor, row: number): Sample {
  return { output: mapped(output, (tensor) => tensor.slice(row, 1)), target: target.slice(row, 1) };
}

function batchOf(samples: readonly Sample[]): [output: Output, target: tf.Tensor] {
  const [first] = samples;
  const output = mapped(first!.output, (_, name) =>
    tf.concat(
      samples.map((sample) => (name === undefined ? sample.output : (sample.output as Named)[name]) as tf.Tensor),
    ),
  );
  return [output, tf.concat(samples.map(({ target }) => target))];
}

/** Other numbers, each moved by another distance; whole numbers and truth values stay. */
function shifted(output: Output, by: number): Output {
  return mapped(output, (tensor) =>
    tensor.dtype === 'float32'
      ? tensor.add(
          tf
            .range(1, tensor.size + 1)
            .sin()
            .mul(by)
            .reshape(tensor.shape),
        )
      : tensor,
  );
}

type Named = Exclude<Output, tf.Tensor>;

function mapped(output: Output, map: (tensor: tf.Tensor, name?: string) => tf.Tensor): Output {
  if (output instanceof tf.Tensor) return map(output);
  return Object.fromEntries(Object.entries(output).map(([name, tensor]) => [name, map(tensor, name)]));
}
