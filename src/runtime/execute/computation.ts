import type * as tf from '@tensorflow/tfjs';
import type { Precision, Trace } from '../capture/index.ts';
import type { HostTensor } from '../tensorflow/index.ts';

/**
 * A computation runs in one of these ways. `graph`: as one TensorFlow graph. `xla`: the same, compiled by XLA. `eager`: operation by operation.
 * `auto`: as a graph where that is possible, else eagerly, with one warning that says why.
 */
export type CompileMode = 'auto' | 'graph' | 'xla' | 'eager';

/** What a computation is for. Its graph carries the name, and a kind that cannot be a graph is run eagerly from then on. */
export type ComputationKind =
  /** An update, or the part of one that computes losses and gradients. */
  | 'train'
  /** The second half of an update: the tasks' gradients, combined by a balancing method, change the weights. */
  | 'train-combine'
  /** The inner products of the tasks' gradients by the activations that they share. */
  | 'train-activations'
  /** The inner products of the tasks' gradients by the weights that they share. */
  | 'train-products'
  /** The inner products of the tasks' gradients, block by block, for who looks on. */
  | 'train-compare'
  /** The tasks' moving averages of gradients. */
  | 'train-average'
  /** Averages of the weights, and their exchange with the weights that are trained. */
  | 'train-weights'
  /** The losses of the same batch after an update. */
  | 'train-losses'
  /** Losses and outputs of a batch of labelled examples. */
  | 'evaluate'
  /** Outputs for inputs without labels. */
  | 'predict'
  /** What a head that writes reads: the tokens of its inputs. */
  | 'read'
  /** The likeliest next symbols of a head that writes. */
  | 'write'
  /** Outputs for the inputs by which a frozen task is checked. */
  | 'probe'
  /** Fisher information, by channel. */
  | 'fisher'
  /** What a prediction rests on: outputs and their gradients at exchanged inputs. */
  | 'explain'
  /** The loss with noise on some activations. */
  | 'perturbation'
  /** A prediction whose multiplications are counted, not computed. */
  | 'count'
  /** Results that are known beforehand. */
  | 'doctor'
  /** Whatever a test or a contract suite computes. */
  | 'test';

/** Data that a computation's graph depends on besides its inputs and variables: names, numbers, options. */
export type KeyPart =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly KeyPart[]
  | { readonly [name: string]: KeyPart };

/** A pure computation on host numbers over variables. */
export interface Computation {
  readonly kind: ComputationKind;
  /** Two computations of one kind are the same, and have one graph for inputs of equal shapes, where their keys are equal. */
  readonly key: readonly KeyPart[];
  readonly inputs: readonly HostTensor[];
  /** All variables that it may read or assign. */
  readonly variables: readonly tf.Variable[];
  readonly trace: Trace;
  /** Whether it changes the variables only if all outputs are finite; default false. */
  readonly gated?: boolean;
  /**
   * Whether its operations run one after the other, as where each waits for the one before: to hand each to a thread would take longer than most
   * of them do. Default false.
   */
  readonly inTurn?: boolean;
  /** Default `float32`. */
  readonly precision?: Precision;
  /** What its graph is kept for: `Runner.forget` frees it. Default: nothing. */
  readonly owner?: object;
  /** Variables whose values stand in for those of others of the same shape. A computation with stand-ins changes no variable. */
  readonly instead?: ReadonlyMap<tf.Variable, tf.Variable>;
}

/** The outputs' numbers, by name. */
export type Results = Readonly<Record<string, HostTensor>>;

/** The kind and the key of a computation as one text: the same for all shapes of its inputs. */
export function familyOf({ kind, key }: Computation): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = textOf(key);
    texts.set(key, text);
  }
  return `${kind} ${text}`;
}

/** A step's key has a part for each variable, and is the same array in each step. */
const texts = new WeakMap<readonly KeyPart[], string>();

/** JSON, but with the numbers that JSON does not have. */
function textOf(part: KeyPart): string {
  if (typeof part === 'string') return JSON.stringify(part);
  if (typeof part !== 'object' || part === null) return String(part);
  if (isList(part)) return `[${part.map(textOf).join()}]`;
  return `{${Object.entries(part)
    .map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`)
    .join()}}`;
}

const isList = (part: object): part is readonly KeyPart[] => Array.isArray(part);

/** The text that names a computation's graph for inputs of these shapes. */
export function graphKeyOf(computation: Computation, xla: boolean): string {
  const { inputs, precision = 'float32' } = computation;
  const signature = inputs.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(' ');
  return `${xla ? 'xla' : 'graph'} ${precision} ${familyOf(computation)} ${signature}`;
}
