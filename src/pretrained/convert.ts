import * as tf from '@tensorflow/tfjs';
import type { Assignment } from './map.ts';
import type { WeightFile } from './weight-file.ts';

/**
 * PyTorch's layers have their outputs first in a `weight`, and a picture's rows and columns last; here, as in Keras, a `kernel` has its
 * inputs and outputs last.
 */
function axesOf(tensor: string, target: string, rank: number): readonly number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  if (!tensor.endsWith('weight') || !target.endsWith('kernel') || rank < 2) return axes;
  return [...axes.slice(2), 1, 0];
}

const moved = (shape: readonly number[], axes: readonly number[]) => axes.map((axis) => shape[axis]!);
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const shown = (shape: readonly number[]) => `[${shape.join(', ')}]`;

/** Says in a clause why tensors do not make a weight, by their shapes; undefined where they do. */
export function misfitOf({ target, tensors, cut }: Assignment, { tensors: all }: WeightFile): string | undefined {
  const { name, tensor: variable } = target.variable;
  const shapes = tensors.map((tensor) => {
    const { shape } = all.get(tensor)!;
    return moved(shape, axesOf(tensor, name, shape.length));
  });
  const joined = joinedShape(shapes);
  const shape = joined && cut ? [Math.min(joined[0]!, variable.shape[0]!), ...joined.slice(1)] : joined;
  if (shape !== undefined && isReshaped(shape, variable.shape)) return undefined;
  const came = tensors.map((tensor) => `${tensor} ${shown(all.get(tensor)!.shape)}`).join(' with ');
  const becomes = shape === undefined ? 'which do not stand beside each other' : `which becomes ${shown(shape)}`;
  return `the weight ${name} is ${shown(variable.shape)}, and there is ${came}, ${becomes}`;
}

/** The shape of tensors beside each other along the last axis. */
function joinedShape(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const [first] = shapes as [readonly number[]];
  if (shapes.length === 1) return first;
  const before = shown(first.slice(0, -1));
  if (shapes.some((shape) => shape.length === 0 || shown(shape.slice(0, -1)) !== before)) return undefined;
  return [...first.slice(0, -1), shapes.reduce((sum, shape) => sum + shape.at(-1)!, 0)];
}

/** Whether numbers of one shape lie in the other as they are meant: axes of size 1 come and go, and a kernel's inputs become one axis. */
function isReshaped(from: readonly number[], to: readonly number[]): boolean {
  const without = (shape: readonly number[]) => shown(shape.filter((size) => size !== 1));
  if (without(from) === without(to)) return true;
  return to.length === 2 && from.length > 2 && from.at(-1) === to[1] && sizeOf(from) === sizeOf(to);
}

/** Reads the tensors of a weight and makes its value of them, in its shape. The caller disposes it. */
export async function readValue(
  { target, tensors, cut }: Assignment,
  { tensors: all }: WeightFile,
): Promise<tf.Tensor> {
  const { name, tensor: variable } = target.variable;
  const parts: tf.Tensor[] = [];
  try {
    for (const tensor of tensors) {
      const { shape, read } = all.get(tensor)!;
      const values = await read();
      parts.push(
        tf.tidy(() => tf.tensor(values, [...shape], 'float32').transpose([...axesOf(tensor, name, shape.length)])),
      );
    }
    return tf.tidy(() => {
      const joined = parts.length === 1 ? parts[0]! : tf.concat(parts, -1);
      const rows = cut ? joined.slice(0, variable.shape[0]!) : joined;
      return rows.reshape(variable.shape).clone();
    });
  } finally {
    tf.dispose(parts);
  }
}
