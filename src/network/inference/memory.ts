import * as tf from '@tensorflow/tfjs';
import type { Past } from '../../task/contract.ts';
import type { Decoder } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';

/** How many memories a network keeps that nothing is written with now. */
const MAX_IDLE = 16;

/** Memories are numbered over all networks of the process. */
let memories = 0;

/** What a decoder's layers keep from one position to the next, on the device: for so many rows of at most so many positions. */
export class Memory {
  /** Tells it from all others: a graph that writes names the variables of one. */
  readonly number = ++memories;
  readonly decoder: Decoder;
  readonly rows: number;
  readonly length: number;
  readonly #variables = new Map<object, tf.Variable>();

  /** `write`: calls the decoder once for a position of all rows, which shows what its layers keep. */
  constructor(decoder: Decoder, rows: number, length: number, write: (past: Past) => tf.Tensor) {
    [this.decoder, this.rows, this.length] = [decoder, rows, length];
    const recall = (layer: object, shape: readonly number[]): tf.Tensor => {
      const variable = this.#variables.get(layer) ?? tf.variable(tf.zeros([...shape]), false);
      this.#variables.set(layer, variable);
      return variable;
    };
    tf.tidy(() => void write({ at: tf.scalar(0, 'int32'), length, recall, keep: () => {} }));
  }

  get variables(): readonly tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** The past at position `at`, where row i continues row `parents[i]` of the position before. */
  past(at: tf.Scalar, parents: tf.Tensor1D): Past {
    const isLater = at.greater(0).cast('float32');
    return {
      at,
      length: this.length,
      // What is left of another sequence is not this one's past.
      recall: (layer) => tf.gather(this.#variables.get(layer)!, parents).mul(isLater),
      keep: (layer, value) => void this.#variables.get(layer)!.assign(value),
    };
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
  rows: number,
  length: number,
  write: (past: Past) => tf.Tensor,
): Memory {
  const memories = idleOf(body);
  const at = memories.findLastIndex(
    (memory) => memory.decoder === decoder && memory.rows === rows && memory.length === length,
  );
  return at < 0 ? new Memory(decoder, rows, length, write) : memories.splice(at, 1)[0]!;
}

export function giveBackMemory(body: NetworkBody, memory: Memory): void {
  const memories = idleOf(body);
  memories.push(memory);
  if (memories.length > MAX_IDLE) memories.shift()!.dispose();
}
