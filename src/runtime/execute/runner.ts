import { BanyanError } from '../../error.ts';
import { CaptureError } from '../capture/index.ts';
import type { Portable, PortableGraph } from '../capture/portable.ts';
import { isOutOfMemory, outOfMemory } from '../memory.ts';
import type { Context } from '../tensorflow/index.ts';
import type { CompileMode, Computation, ComputationKind, Results } from './computation.ts';
import { runEagerly } from './eager.ts';
import { isGone } from './gone.ts';
import type { Compiled } from './graph-cache.ts';
import { GraphRunner } from './graph-runner.ts';
import { Prepared } from './prepared.ts';

/** Runs computations over one network's variables, one after the other; as graphs where it has a context for them. */
export class Runner {
  /** Absent where TensorFlow's C library is not here. */
  #graphRunner: GraphRunner | undefined;
  #context: Context | undefined;
  readonly #maxOperations: number | undefined;
  /** Why computations of some kinds cannot be graphs. */
  readonly #eagerly = new Map<ComputationKind, CaptureError>();
  #turn: Promise<unknown> = Promise.resolve();

  /** `maxOperations`: in all graphs that are kept. */
  constructor(context: Context | undefined, maxOperations?: number) {
    this.#context = context;
    this.#maxOperations = maxOperations;
    this.#graphRunner = context && new GraphRunner(context, maxOperations);
  }

  /** Runs graphs in another context from now on; the variables go with it. */
  moveTo(context: Context): Promise<void> {
    return this.exclusive(() => {
      if (this.#context === context) return;
      this.#graphRunner?.dispose();
      this.#context = context;
      this.#graphRunner = new GraphRunner(context, this.#maxOperations);
    });
  }

  /** Tells what a mode means for a kind of computation on this network, as far as it is known. */
  modeOf(mode: CompileMode, kind: ComputationKind): Exclude<CompileMode, 'auto'> {
    if (mode !== 'auto') return mode;
    return this.#graphRunner === undefined || this.#eagerly.has(kind) ? 'eager' : 'graph';
  }

  /**
   * Runs a computation once those before it have ended, and returns the outputs' numbers.
   * @throws CaptureError with `graph` and `xla`, for a computation that cannot be one; BanyanError `leak`, `runtime`, `memory`, and
   * `argument` where a variable was disposed.
   */
  run(work: Computation | Prepared, mode: CompileMode): Promise<Results> {
    const computation = work instanceof Prepared ? work.computation : work;
    const running = this.exclusive(() => {
      assertLive(computation);
      return work instanceof Prepared ? this.#runPrepared(work, mode) : this.#run(work, mode);
    });
    return running.catch((error: unknown) => {
      // Of an operation by itself, or of what a trace makes in JavaScript.
      throw isOutOfMemory(error) ? outOfMemory(`Running "${computation.kind}"`, error.message, error) : error;
    });
  }

  /** Brings a computation's inputs to the device, also while another one runs there; undefined where no graph is there for it. */
  prepare(computation: Computation, mode: CompileMode): Prepared | undefined {
    if (this.modeOf(mode, computation.kind) === 'eager') return undefined;
    const xla = mode === 'xla';
    const compiled = this.#graphRunner?.cache.find(computation, xla);
    return compiled && this.#graphRunner!.prepare(compiled, computation, xla);
  }

  /** The graphs that are there: what each is for, its operations, and its bytes as a message. */
  get graphs(): readonly Pick<Compiled, 'name' | 'kind' | 'nodes' | 'bytes'>[] {
    return [...(this.#graphRunner?.cache ?? [])].map(({ name, kind, nodes, bytes }) => ({ name, kind, nodes, bytes }));
  }

  /**
   * Finds where the time goes in a computation, as a trace for Chrome's and Perfetto's viewers; on a copy of the variables.
   * @throws BanyanError `runtime` where there is no C library, CaptureError as `run`.
   */
  profile(computation: Computation): Promise<string> {
    return this.exclusive(() => {
      if (this.#graphRunner === undefined) throw noLibrary('A profile');
      return this.#graphRunner.profile(computation);
    });
  }

  /**
   * Counts how many numbers a computation multiplies and adds up in matrix products and convolutions, by the part of the network
   * (`stem/words`, `column-1/block-0`), from its graph; undefined where there is no C library.
   * @throws CaptureError as `run`.
   */
  multiplyAdds(computation: Computation): Promise<ReadonlyMap<string, number> | undefined> {
    return this.exclusive(() => this.#graphRunner?.multiplyAdds(computation));
  }

  /**
   * Writes a computation as a graph of operations that every TensorFlow has, for other programs.
   * @throws BanyanError `runtime` where there is no C library, CaptureError as `run`.
   */
  portable(computation: Portable): Promise<PortableGraph> {
    return this.exclusive(() => {
      if (this.#graphRunner === undefined) throw noLibrary('An export');
      return this.#graphRunner.portable(computation);
    });
  }

  /** Does something with the variables while no computation changes them. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Frees the graphs of computations with this owner. None of them may be running. */
  forget(owner: object): void {
    this.#graphRunner?.cache.forget(owner);
  }

  /** Frees what is on the device. Nothing may be running. */
  dispose(): void {
    this.#graphRunner?.dispose();
  }

  /** Runs what was prepared, or the computation anew where its graph has had to go since. */
  #runPrepared(prepared: Prepared, mode: CompileMode): Promise<Results> {
    const graphRunner = this.#graphRunner!;
    if (graphRunner.cache.has(prepared.compiled)) {
      graphRunner.cache.touch(prepared.compiled);
      return graphRunner.execute(prepared);
    }
    prepared.dispose();
    return this.#run(prepared.computation, mode);
  }

  async #run(computation: Computation, mode: CompileMode): Promise<Results> {
    const graphRunner = this.#graphRunner;
    graphRunner?.forgetGone();
    const { kind, precision } = computation;
    if (this.modeOf(mode, kind) === 'eager') {
      if (precision === 'mixed') throw noMixed(mode, this.#eagerly.get(kind));
      return runEagerly(computation);
    }
    if (graphRunner === undefined) throw noLibrary(`compile: '${mode}'`);
    const xla = mode === 'xla';
    let compiled: Compiled;
    try {
      compiled = graphRunner.cache.obtain(computation, xla);
    } catch (error) {
      if (mode !== 'auto' || !(error instanceof CaptureError) || precision === 'mixed') throw error;
      this.#eagerly.set(kind, error);
      process.emitWarning(
        `This network goes on operation by operation (${kind}), which is slower. ${error.message}`,
        'BanyanWarning',
      );
      return runEagerly(computation);
    }
    return graphRunner.execute(graphRunner.prepare(compiled, computation, xla));
  }
}

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
