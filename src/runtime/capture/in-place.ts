import type * as tf from '@tensorflow/tfjs';
import { flagAttribute, type OpAttribute, typeAttribute } from '../tensorflow/attributes.ts';
import { FLOAT } from '../tensorflow/types.ts';

/** One of TensorFlow's update operations, which change variables where they lie. */
export interface InPlace {
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly variables: readonly tf.Variable[];
  readonly operands: readonly tf.Tensor[];
}

let collected: InPlace[] | undefined;

/**
 * Has, in a graph, one of TensorFlow's update operations (`ResourceApply…`) change the variables as the last thing that happens
 * to them; what reads them in the same computation sees the values before. Elsewhere false: the caller assigns.
 */
export function updateInPlace(
  op: string,
  variables: readonly tf.Variable[],
  operands: readonly tf.Tensor[],
  options: { readonly nesterov?: boolean } = {},
): boolean {
  if (collected === undefined) return false;
  const attributes: OpAttribute[] = [typeAttribute('T', FLOAT)];
  if (options.nesterov !== undefined) attributes.push(flagAttribute('use_nesterov', options.nesterov));
  collected.push({ op, attributes, variables, operands });
  return true;
}

/** Runs `work`; where `possible`, its updates in place are collected instead of refused. */
export function collectInPlace<T>(possible: boolean, work: () => T): { result: T; inPlace: readonly InPlace[] } {
  const inPlace: InPlace[] = [];
  collected = possible ? inPlace : undefined;
  try {
    return { result: work(), inPlace };
  } finally {
    collected = undefined;
  }
}
