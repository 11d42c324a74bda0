import type { OpAttribute } from '../tensorflow/attributes.ts';
import type { TensorMetadata, Values } from '../tfjs-node/backend.ts';
import { CaptureError, where } from './fault.ts';
import type { GraphRecorder } from './graph-recorder.ts';
import { constantKey, type Entry, operationKey, type Recorder } from './recorder.ts';

/** Compares a second trace with the first and gives it the same answers, without building anything. */
export class PurityRecorder implements Recorder {
  readonly #first: GraphRecorder;
  #at = 0;

  constructor(first: GraphRecorder) {
    this.#first = first;
  }

  owns(id: number): boolean {
    return this.#first.owns(id);
  }

  opOf(id: number): string {
    return this.#first.opOf(id);
  }

  constant(shape: readonly number[], dtype: number, values: Values): number {
    return this.#same(constantKey(shape, dtype, values), 'constant')[0]!.id;
  }

  operation(op: string, attributes: readonly OpAttribute[], inputs: readonly number[]): TensorMetadata[] {
    return this.#same(operationKey(op, attributes, inputs), op) as TensorMetadata[];
  }

  /** @throws CaptureError when the second trace did less than the first. */
  end(): void {
    if (this.#at < this.#first.entries.length) this.#same('nothing', 'nothing');
  }

  #same(what: string, op: string): readonly TensorMetadata[] {
    const entry = this.#first.entries[this.#at++];
    if (entry?.what === what) return entry.outputs;
    const kind = (entry: Entry | undefined) => entry?.what.split(' ')[0] ?? 'nothing';
    const first = kind(entry);
    throw new CaptureError(
      `${where()}the same inputs gave another computation the second time: after ${kind(this.#first.entries[this.#at - 2])} came ${
        op === first ? `another ${op}` : `${op}, and the first time ${first}`
      }`,
      'expected the same operations on the same constants (no clock, no Math.random, no count of calls)',
      'Draw from `context.random`, and make what changes from step to step an input.',
    );
  }
}
