import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';
import type { Label } from '../../task/contract.ts';
import { type HostTensor, product } from './host-tensor.ts';
import { inBatch } from './places.ts';
import { isClass, isMissing, prepareTarget } from './target.ts';

/**
 * The labels of a batch, and which of the samples have one: 1 or 0 each. A missing label becomes a valid neutral 0; what is missing of
 * one that is there in part stays NaN.
 */
export interface HostLabels {
  readonly target: HostTensor;
  readonly labelled: Float32Array;
  /** How many have one in all shares of the batch, where others work on other shares of it; absent: as many as here. */
  readonly total?: number;
  /** Whether some label is there in part. */
  readonly partly: boolean;
  /** 1 for the samples that metrics see: the labelled ones, and those from which nothing is learned. */
  readonly measured: Float32Array;
  /** How many positions the longest label has; 1 where labels do not vary in length. */
  readonly longest: number;
}

export function collateTargets(task: string, label: Label, targets: readonly unknown[], placeOf = inBatch): HostLabels {
  const size = product(label.shape);
  const values =
    label.dtype === 'int32' ? new Int32Array(targets.length * size) : new Float32Array(targets.length * size);
  const [labelled, measured] = [new Float32Array(targets.length), new Float32Array(targets.length)];
  const row = product(label.shape.slice(1));
  let [partly, longest] = [false, 1];
  for (const [i, target] of targets.entries()) {
    if (isMissing(label, target)) continue;
    const numbers = prepareTarget(task, label, target, placeOf(i));
    if (numbers === undefined) {
      measured[i] = 1;
      continue;
    }
    const missing = Array.prototype.filter.call(numbers, Number.isNaN).length;
    if (missing === numbers.length || (isClass(label) && numbers[0] === -1)) continue;
    if (missing > 0) assertHolds(task, label, placeOf(i), missing);
    partly ||= missing > 0;
    values.set(numbers, i * size);
    if (label.lengths !== undefined) longest = Math.max(longest, numbers.length / row);
    labelled[i] = 1;
    measured[i] = 1;
  }
  const target = { shape: [targets.length, ...label.shape], dtype: label.dtype, values } as HostTensor;
  return { target, labelled, partly, measured, longest };
}

/** Cuts labels of varying length to a length that holds the longest of them. */
export function cutTo(labels: HostLabels, length: number): HostLabels {
  const { shape, dtype, values } = labels.target;
  const [batch, full, ...rest] = shape as readonly [number, number, ...number[]];
  if (length === full) return labels;
  const row = product(rest);
  const cut = new (dtype === 'int32' ? Int32Array : Float32Array)(batch * length * row);
  for (let i = 0; i < batch; i++) cut.set(values.subarray(i * full * row, (i * full + length) * row), i * length * row);
  return { ...labels, target: { shape: [batch, length, ...rest], dtype, values: cut } as HostTensor };
}

function assertHolds(task: string, { dtype, shape }: Label, place: string, missing: number): void {
  if (dtype === 'float32') return;
  throw new BanyanError(
    'data',
    `Task "${task}": the target of ${place} lacks ${missing} of its numbers (NaN), expected all of them: a label of int32 numbers of shape [${shape.join(', ')}] has no place for NaN. Give undefined for the whole label, or make the head's \`target\` float32.`,
  );
}

/** Picks the target that a task means: the source's own, or its part of the source's record. */
export function pickTarget(
  task: { readonly name: string; readonly target?: string | undefined },
  target: unknown,
  place: string,
): unknown {
  if (task.target === undefined || target === undefined) return target;
  const isRecord = typeof target === 'object' && target !== null;
  if (!isRecord || !Object.hasOwn(target, task.target)) {
    throw new BanyanError(
      'data',
      `Task "${task.name}": ${place} has no label "${task.target}". Expected one of the source's labels, received ${isRecord ? Object.keys(target).join(', ') : show(target)}. Set the task's \`target\` to one of them, or give undefined where the label is missing.`,
    );
  }
  return (target as Readonly<Record<string, unknown>>)[task.target];
}
