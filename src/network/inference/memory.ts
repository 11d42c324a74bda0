import * as tf from '@tensorflow/tfjs';
import type { Past } from '../../task/contract.ts';
import type { Decoder } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';

/** So many memories a network keeps that nothing is written with now, of so many numbers together: 256 MiB. */
const MAX_IDLE = { memories: 16, numbers: 2 ** 26 };

/** Memories are numbered over all networks of the process. */
let memories = 0;

/** What a memory is for. */
export interface MemorySize {
  /** Sequences that are written at once. */
  readonly rows: number;
  /** Positions that a sequence has at most. */
  readonly length: number;
  /** Positions of what is read. */
  readonly source: number;
  /** Whether the framework's kernels write it. */
  readonly byKernels: boolean;
}

/** What a decoder's layers keep from one position to the next, on the device. */
export class Memory {
  /** Tells it from all others: a graph that writes names the variables of one. */
  readonly number = ++memories;
  readonly decoder: Decoder;
  readonly size: MemorySize;
  readonly #variables = new Map<object, tf.Variable>();

  /** `write`: calls the decoder once for a position of all rows, which shows what its layers keep. */
  constructor(decoder: Decoder, size: MemorySize, write: (past: Past) => tf.Tensor) {
    [this.decoder, this.size] = [decoder, size];
    const variable = (layer: object, shape: readonly number[]): tf.Tensor => {
      const variable = this.#variables.get(layer) ?? tf.variable(tf.zeros([...shape]), false);
      this.#variables.set(layer, variable);
      return variable;
    };
    const past: Omit<Past, 'at'> = {
      length: size.length,
      recall: variable,
      keep: () => {},
      once: (layer, compute) => variable(layer, compute().shape),
    };
    tf.tidy(() => {
      const held = this.#held(tf.zeros([size.rows, size.length], 'int32'), variable);
      write({ ...past, ...held, at: tf.scalar(0, 'int32') });
    });
  }

  get variables(): readonly tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** How many numbers it holds. */
  get numbers(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }

  /** The past at position `at`, the `first` or not. `lines`: in which row lies what each row was at the positions before, int32 `[rows, length]`. */
  past(at: tf.Scalar, lines: tf.Tensor2D, first: boolean): Past {
    const { rows, length } = this.size;
    return {
      at,
      length,
      recall: (layer) => {
        const kept = this.#variables.get(layer)!;
        // What is left of another sequence is not this one's past.
        if (first) return tf.zerosLike(kept);
        const parents = tf.gather(lines, at.sub(tf.scalar(1, 'int32')).reshape([1]) as tf.Tensor1D, 1).reshape([rows]);
        return tf.gather(kept, parents as tf.Tensor1D);
      },
      ...this.#held(lines, (layer) => this.#variables.get(layer)!),
      keep: (layer, value) => void this.#variables.get(layer)!.assign(value),
      // All rows of a sample read the same, whichever they continue.
      once: (layer, compute) => {
        const variable = this.#variables.get(layer)!;
        if (!first) return variable;
        const value = compute();
        variable.assign(value);
        return value;
      },
    };
  }

  #held(lines: tf.Tensor2D, find: (layer: object, shape: readonly number[]) => tf.Tensor): Pick<Past, 'held'> {
    if (!this.size.byKernels) return {};
    return { held: (layer, shape) => ({ memory: find(layer, shape), lines }) };
  }

  dispose(): void {
    tf.dispose(this.variables as tf.Variable[]);
  }
}

/** By network: the memories that nothing is written with now, the one used last at the end. */
const idle = new WeakMap<NetworkBody, Memory[]>();

function idleOf(body: NetworkBody): Memory[] {
  const known = idle.get(body);
  if (known !== undefined) return known;
  const memories: Memory[] = [];
  idle.set(body, memories);
  body.whenDisposed(() => {
    for (const memory of memories.splice(0)) memory.dispose();
  });
  return memories;
}

/** Takes a memory for as long as something is written with it, since several predictions may run at once. Give it back. */
export function takeMemory(
  body: NetworkBody,
  decoder: Decoder,
  size: MemorySize,
  write: (past: Past) => tf.Tensor,
): Memory {
  const memories = idleOf(body);
  const fits = ({ rows, length, source, byKernels }: MemorySize) =>
    rows === size.rows && length === size.length && source === size.source && byKernels === size.byKernels;
  const at = memories.findLastIndex((memory) => memory.decoder === decoder && fits(memory.size));
  return at < 0 ? new Memory(decoder, size, write) : memories.splice(at, 1)[0]!;
}

export function giveBackMemory(body: NetworkBody, memory: Memory): void {
  const memories = idleOf(body);
  memories.push(memory);
  const tooMany = () =>
    memories.length > MAX_IDLE.memories || memories.reduce((sum, { numbers }) => sum + numbers, 0) > MAX_IDLE.numbers;
  while (memories.length > 1 && tooMany()) memories.shift()!.dispose();
}
