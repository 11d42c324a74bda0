import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { SampleOutput } from '../../task/contract.ts';

/** What workers wait for each other for. */
export const MEASURING = 'an evaluation';

/** Those who measure one network together, as one of them sees them. */
export interface Measurers {
  readonly index: number;
  readonly size: number;
  readonly isChief: boolean;
  /** Gives the bytes of each to all. */
  gatherBytes(bytes: Uint8Array, what: string): Promise<readonly Uint8Array[]>;
  /** Gives the chief's data to all. */
  share<T>(data: T, what: string): Promise<T>;
}

/** What one batch comes to. */
export interface Inferred {
  /** The examples' targets, as their source gave them; absent where they cannot be sent. */
  readonly targets?: readonly unknown[] | undefined;
  /** By task. */
  readonly tasks: readonly {
    /** Of the labelled examples. */
    readonly losses: Float32Array;
    /** Of a head that writes: how unlikely each target was, and its number of symbols. */
    readonly nats: readonly (readonly [number, number])[];
    /** What the head gives, undecoded, by example. */
    readonly samples: readonly SampleOutput[];
    /** 1 for the examples that metrics count. */
    readonly measured: Float32Array;
  }[];
}

/** Brings to the chief what each has inferred, in their order; without others, it is what was given. The others get nothing. */
export async function gathered(
  team: Measurers | undefined,
  own: Inferred | undefined,
): Promise<readonly (Inferred | undefined)[]> {
  if (team === undefined) return [own];
  // The chief keeps its own.
  const bytes = own === undefined || team.isChief ? new Uint8Array(0) : encoded(own);
  const all = await team.gatherBytes(bytes, MEASURING);
  if (!team.isChief) return [];
  return all.map((part, i) => (i === team.index ? own : part.length === 0 ? undefined : deserialize(part)));
}

/** Targets may be anything: what does not come out as it went in, the chief reads itself. */
function encoded({ targets, tasks }: Inferred): Uint8Array {
  try {
    const bytes = serialize({ targets, tasks });
    if (isDeepStrictEqual(deserialize(bytes).targets, targets)) return bytes;
  } catch {
    // A function, for one, cannot be sent.
  }
  return serialize({ tasks });
}
