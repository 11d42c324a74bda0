import { createHash } from 'node:crypto';
import { type Captured, capture } from '../capture/index.ts';
import type { Context, Pointer } from '../tensorflow/index.ts';
import { type Computation, type ComputationKind, familyOf, graphKeyOf } from './computation.ts';

/** A computation as a function of the context, with the constants that it holds there. */
export interface Compiled extends Omit<Captured, 'fn' | 'constants'> {
  readonly key: string;
  /** The same for all shapes of the inputs. */
  readonly family: string;
  readonly kind: ComputationKind;
  /** The function's name. */
  readonly name: string;
  readonly constants: readonly Pointer[];
  /** What it was last used for. */
  owner: object | undefined;
}

// Graphs of one computation, for different shapes. A prediction has up to 28: seven sizes of batches, each in up to four lengths.
const MAX_GRAPHS = 64;
// Operations in all graphs. TensorFlow takes about five kilobytes for each: a gigabyte for all. What a training goes through again
// and again has to find room, or every step is compiled anew.
const MAX_OPERATIONS = 200_000;
/** After so many graphs that were compiled again, a warning is due. */
const RECOMPILED = 10;

/** Functions are named by numbers, over all networks of the process. */
let functions = 0;

/** The graphs of one network's computations; those that were not used for longest make room for others. */
export class GraphCache {
  readonly #context: Context;
  readonly #maxOperations: number;
  /** By key, the one used last at the end. */
  readonly #graphs = new Map<string, Compiled>();
  /** Digests of the keys of graphs that had to go. */
  readonly #dropped = new Set<string>();
  #recompiled = 0;

  constructor(context: Context, maxOperations = MAX_OPERATIONS) {
    this.#context = context;
    this.#maxOperations = maxOperations;
  }

  [Symbol.iterator](): Iterator<Compiled> {
    return this.#graphs.values();
  }

  /** The graph of a computation, where there is one. */
  find(computation: Computation, xla: boolean): Compiled | undefined {
    return this.#graphs.get(graphKeyOf(computation, xla));
  }

  has(compiled: Compiled): boolean {
    return this.#graphs.get(compiled.key) === compiled;
  }

  /** Notes that a graph is used now. */
  touch(compiled: Compiled): void {
    this.#graphs.delete(compiled.key);
    this.#graphs.set(compiled.key, compiled);
  }

  /**
   * The graph of a computation, which is made where there is none yet.
   * @throws CaptureError for a computation that cannot be one.
   */
  obtain(computation: Computation, xla: boolean): Compiled {
    const compiled = this.find(computation, xla) ?? this.#compile(computation, xla);
    compiled.owner = computation.owner;
    this.touch(compiled);
    return compiled;
  }

  /** Removes the graphs that are kept for this alone. */
  forget(owner: object): void {
    for (const compiled of this) if (compiled.owner === owner) this.#drop(compiled);
  }

  remove({ key, name, constants }: Compiled): void {
    this.#graphs.delete(key);
    this.#context.removeFunction(name);
    for (const handle of constants) this.#context.release(handle);
  }

  #compile(computation: Computation, xla: boolean): Compiled {
    const context = this.#context;
    const { kind, precision = 'float32', gated = false } = computation;
    const name = `banyan_${kind}_${++functions}`;
    const { fn, ...captured } = capture(context.library, { ...computation, name, gated, xla, precision });
    try {
      context.addFunction(fn);
    } finally {
      context.library.TF_DeleteFunction(fn);
    }
    const compiled: Compiled = {
      ...captured,
      key: graphKeyOf(computation, xla),
      family: familyOf(computation),
      kind,
      name,
      constants: captured.constants.map((tensor) => context.upload(tensor)),
      owner: computation.owner,
    };
    this.#makeRoom(compiled);
    return compiled;
  }

  /** Removes the graphs that were not used for longest, until there is room for this one. */
  #makeRoom({ key, kind, family, nodes }: Compiled): void {
    if (this.#dropped.delete(digestOf(key)) && ++this.#recompiled === RECOMPILED) {
      process.emitWarning(
        `Graphs of this network are compiled again and again, which takes far longer than a step: the last one for "${kind}". Expected at most ${MAX_GRAPHS} shapes of a computation, and ${this.#maxOperations} operations in all graphs. Train fewer tasks at once, let a sampler draw fewer different sets of them, or give their stems fewer lengths.`,
        'BanyanWarning',
      );
    }
    let graphs = MAX_GRAPHS - 1;
    let operations = this.#maxOperations - nodes;
    for (const compiled of [...this].reverse()) {
      operations -= compiled.nodes;
      if (compiled.family === family) graphs--;
      if (operations >= 0 && (compiled.family !== family || graphs >= 0)) continue;
      this.#drop(compiled);
    }
  }

  #drop(compiled: Compiled): void {
    this.#dropped.add(digestOf(compiled.key));
    this.remove(compiled);
  }
}

/** A key may be long. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64');
