import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { CaptureError, capture } from '../capture/index.ts';
import { multiplyAdds } from '../measure/multiply-adds.ts';
import { chromeTrace, profile } from '../measure/profile.ts';
import { type Context, isRefusal, type Pointer } from '../tensorflow/index.ts';
import {
  type CompileMode,
  type Computation,
  type ComputationKind,
  familyOf,
  graphKeyOf,
  type Results,
} from './computation.ts';
import { runEagerly } from './eager.ts';
import { isGone } from './gone.ts';
import { markHalfDone } from './half-done.ts';
import { isOutOfMemory, outOfMemory } from './memory.ts';
import { type Compiled, Prepared } from './prepared.ts';
import { ResidentVariable } from './resident.ts';

// Shapes of one computation. A prediction has up to 28: seven sizes of batches, each in up to four lengths.
const SHAPES = 64;
// Operations in all graphs. TensorFlow takes about five kilobytes for each: a gigabyte for all. What a training goes through again
// and again has to find room, or every step is compiled anew.
const OPERATIONS = 200_000;
/** Graphs compiled again that are worth a warning. */
const AGAIN = 10;

let named = 0;

/** Runs computations over one network's variables, one after the other; as graphs where it has a context for them. */
export class Runner {
  readonly #context: Context | undefined;
  readonly #residents = new Map<tf.Variable, ResidentVariable>();
  readonly #compiled = new Map<string, Compiled>();
  readonly #operations: number;
  /** Graphs that had to go for others. */
  readonly #gone = new Set<string>();
  /** How many of them were compiled again. */
  #again = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #running = false;
  readonly #eagerly = new Map<ComputationKind, CaptureError>();

  /** `operations`: in all graphs that are kept. */
  constructor(context: Context | undefined, operations = OPERATIONS) {
    this.#context = context;
    this.#operations = operations;
  }

  /** What a mode means for a kind of computation on this network, as far as it is known. */
  modeOf(mode: CompileMode, kind: ComputationKind): Exclude<CompileMode, 'auto'> {
    if (mode !== 'auto') return mode;
    return this.#context === undefined || this.#eagerly.has(kind) ? 'eager' : 'graph';
  }

  /**
   * The outputs' numbers. Waits for what runs already.
   * @throws CaptureError with `graph` and `xla`, for a computation that cannot be one; BanyanError `leak`, `runtime`, `memory`, and
   * `argument` where a variable was disposed.
   */
  run(work: Computation | Prepared, mode: CompileMode): Promise<Results> {
    const computation = work instanceof Prepared ? work.computation : work;
    const running = this.exclusive(() => {
      assertLive(computation);
      if (!(work instanceof Prepared)) return this.#run(work, mode);
      if (this.#compiled.get(work.compiled.key) === work.compiled) {
        this.#use(work.compiled);
        return this.#execute(work);
      }
      work.dispose();
      return this.#run(computation, mode);
    });
    return running.catch((error: unknown) => {
      // Of an operation by itself, or of what a trace makes in JavaScript.
      throw isOutOfMemory(error) ? outOfMemory(`Running "${computation.kind}"`, error.message, error) : error;
    });
  }

  /** Brings a computation's inputs to the device, also while another one runs there; undefined where no graph is there for it. */
  prepare(computation: Computation, mode: CompileMode): Prepared | undefined {
    if (this.#context === undefined || this.modeOf(mode, computation.kind) === 'eager') return undefined;
    const xla = mode === 'xla';
    const compiled = this.#compiled.get(graphKeyOf(computation, xla));
    return compiled && this.#prepare(compiled, computation, this.#context, xla);
  }

  /** The graphs that are there: what each is for, its operations, and its bytes as a message. */
  get graphs(): readonly Pick<Compiled, 'name' | 'kind' | 'nodes' | 'bytes'>[] {
    return [...this.#compiled.values()].map(({ name, kind, nodes, bytes }) => ({ name, kind, nodes, bytes }));
  }

  /**
   * Where the time goes in a computation, as a trace for Chrome's and Perfetto's viewers; on a copy of the variables.
   * @throws BanyanError `runtime` where there is no C library, CaptureError as `run`.
   */
  profile(computation: Computation): Promise<string> {
    return this.exclusive(() => {
      const context = this.#context;
      if (context === undefined) throw noLibrary('A profile');
      const { inputs: values, gated = false, precision = 'float32' } = computation;
      const { library, threads } = context;
      const options = { ...computation, name: 'profile', values, gated, precision, xla: false, threads };
      return chromeTrace(profile(library, options));
    });
  }

  /**
   * How many numbers a computation multiplies and adds up in matrix products and convolutions, by the part of the network
   * (`stem/words`, `column-1/block-0`). Counted from its graph; undefined where there is no C library.
   * @throws CaptureError as `run`.
   */
  multiplyAdds(computation: Computation): Promise<ReadonlyMap<string, number> | undefined> {
    return this.exclusive(() =>
      this.#context === undefined ? undefined : multiplyAdds(this.#context.library, computation),
    );
  }

  /** Does something with the variables while no computation changes them. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Frees what is on the device. Nothing may be running. */
  dispose(): void {
    for (const compiled of this.#compiled.values()) this.#forget(compiled);
    for (const resident of this.#residents.values()) resident.dispose();
    this.#residents.clear();
  }

  async #run(computation: Computation, mode: CompileMode): Promise<Results> {
    this.#forgetDisposed();
    const { kind } = computation;
    if (this.modeOf(mode, kind) === 'eager') {
      if (computation.precision === 'mixed') throw noMixed(mode, this.#eagerly.get(kind));
      return runEagerly(computation);
    }
    if (this.#context === undefined) throw noLibrary(`compile: '${mode}'`);
    const xla = mode === 'xla';
    let compiled: Compiled;
    try {
      compiled = this.#compile(computation, this.#context, xla);
    } catch (error) {
      if (mode !== 'auto' || !(error instanceof CaptureError) || computation.precision === 'mixed') throw error;
      this.#eagerly.set(kind, error);
      process.emitWarning(
        `This network goes on operation by operation (${kind}), which is slower. ${error.message}`,
        'BanyanWarning',
      );
      return runEagerly(computation);
    }
    return this.#execute(this.#prepare(compiled, computation, this.#context, xla));
  }

  #compile(computation: Computation, context: Context, xla: boolean): Compiled {
    const { kind, precision = 'float32', gated = false } = computation;
    const key = graphKeyOf(computation, xla);
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const name = `banyan_${kind}_${++named}`;
      const { fn, ...captured } = capture(context.library, {
        ...computation,
        name,
        gated,
        xla,
        precision,
      });
      try {
        context.addFunction(fn);
      } finally {
        context.library.TF_DeleteFunction(fn);
      }
      compiled = {
        ...captured,
        key,
        computation: familyOf(computation),
        kind,
        name,
        constants: captured.constants.map((tensor) => context.upload(tensor)),
      };
      this.#makeRoom(compiled);
    }
    this.#use(compiled);
    return compiled;
  }

  /** Forgets the graphs that were not used for longest, until there is room for another. */
  #makeRoom({ key, kind, computation, nodes }: Compiled): void {
    if (this.#gone.delete(digestOf(key)) && ++this.#again === AGAIN) {
      process.emitWarning(
        `Graphs of this network are compiled again and again, which takes far longer than a step: the last one for "${kind}". Expected at most ${SHAPES} shapes of a computation, and ${this.#operations} operations in all graphs. Train fewer tasks at once, or give their stems fewer lengths.`,
        'BanyanWarning',
      );
    }
    let [shapes, operations] = [SHAPES - 1, this.#operations - nodes];
    for (const compiled of [...this.#compiled.values()].reverse()) {
      operations -= compiled.nodes;
      if (compiled.computation === computation) shapes--;
      if (operations >= 0 && (compiled.computation !== computation || shapes >= 0)) continue;
      this.#gone.add(digestOf(compiled.key));
      this.#forget(compiled);
    }
  }

  /** The one used last stands last. */
  #use(compiled: Compiled): void {
    this.#compiled.delete(compiled.key);
    this.#compiled.set(compiled.key, compiled);
  }

  #prepare(compiled: Compiled, computation: Computation, context: Context, xla: boolean): Prepared {
    const handles = this.#residentsOf(compiled, computation, context).map(({ handle }) => handle);
    return new Prepared(context, compiled, computation, handles, xla);
  }

  /** Of the variables that a graph reads or changes, or of those that stand in for them. */
  #residentsOf({ variables }: Compiled, { instead }: Computation, context: Context): ResidentVariable[] {
    return variables.map((variable) => this.#resident(instead?.get(variable) ?? variable, context));
  }

  async #execute(prepared: Prepared): Promise<Results> {
    const { compiled, computation } = prepared;
    const context = this.#context!;
    let outputs: Pointer[] = [];
    try {
      for (const resident of this.#residentsOf(compiled, computation, context)) resident.push();
      for (const variable of compiled.updated) this.#resident(variable, context).detach();
      this.#running = compiled.updated.length > 0;
      outputs = await prepared.execute();
    } catch (error) {
      // What an operation refuses comes before any change; where memory runs out, some variables may have changed.
      if (compiled.updated.length > 0 && !isRefusal(error)) markHalfDone(error as Error);
      throw error;
    } finally {
      this.#running = false;
      prepared.dispose();
    }
    try {
      return Object.fromEntries(compiled.outputs.map((name, i) => [name, context.download(outputs[i]!)]));
    } finally {
      for (const handle of outputs) context.release(handle);
    }
  }

  #forget({ key, name, constants }: Compiled): void {
    this.#compiled.delete(key);
    this.#context!.removeFunction(name);
    for (const handle of constants) this.#context!.release(handle);
  }

  /** What belongs to variables that are no more: an optimiser that was replaced, sums of a training that ended. */
  #forgetDisposed(): void {
    if (![...this.#residents.keys()].some(isGone)) return;
    for (const compiled of this.#compiled.values()) if (compiled.variables.some(isGone)) this.#forget(compiled);
    for (const [variable, resident] of this.#residents) {
      if (!isGone(variable)) continue;
      resident.dispose();
      this.#residents.delete(variable);
    }
  }

  #resident(variable: tf.Variable, context: Context): ResidentVariable {
    const known = this.#residents.get(variable);
    if (known !== undefined) return known;
    const resident = new ResidentVariable(context, variable, () => {
      if (!this.#running) return;
      throw new BanyanError(
        'busy',
        'A weight is read while a step that may change it is running. Expected a reading between steps. Read it in an event of the training, or after it.',
      );
    });
    this.#residents.set(variable, resident);
    return resident;
  }
}

/** A key may be long. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64');

/** @throws BanyanError `argument` where a variable was disposed by somebody else. */
function assertLive({ variables }: Computation): void {
  const gone = variables.filter(isGone).length;
  if (gone === 0) return;
  throw new BanyanError(
    'argument',
    `${gone} of ${variables.length} variables of this network were disposed outside of it (by tf.disposeVariables, or dispose). Expected all of them. Load the network from where it was saved, or create it again, and free networks by their dispose().`,
  );
}

const noLibrary = (what: string) =>
  new BanyanError(
    'runtime',
    `${what} needs TensorFlow's C library, and it is not here. Run \`banyan setup\`, or set compile to 'auto'.`,
  );

const noMixed = (mode: CompileMode, cause: CaptureError | undefined) =>
  new BanyanError(
    'runtime',
    `precision: 'mixed' needs a graph, and with compile: '${mode}' this network runs operation by operation${cause === undefined ? '' : ` (${cause.message})`}. Set precision to 'float32', or compile to 'graph'.`,
  );
