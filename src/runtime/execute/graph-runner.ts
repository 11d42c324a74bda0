import { type Portable, type PortableGraph, portableGraph } from '../capture/portable.ts';
import { multiplyAdds } from '../measure/multiply-adds.ts';
import { chromeTrace, profile } from '../measure/profile.ts';
import { type Context, isRefusal, type Pointer } from '../tensorflow/index.ts';
import { BriefRuns } from './brief-runs.ts';
import type { Computation, ComputationKind, Results } from './computation.ts';
import { isGone } from './gone.ts';
import { type Compiled, GraphCache } from './graph-cache.ts';
import { markHalfDone } from './half-done.ts';
import { Prepared } from './prepared.ts';
import type { ResidentVariable } from './resident.ts';
import { Residents } from './residents.ts';

/** What somebody waits for, and what waits for no other process. */
const ANSWERS: ReadonlySet<ComputationKind> = new Set(['predict', 'read', 'write']);

/** Runs one network's computations as graphs in a context, over variables that live there. The caller waits for each to end. */
export class GraphRunner {
  readonly #context: Context;
  readonly #residents: Residents;
  readonly #brief = new BriefRuns();
  readonly cache: GraphCache;

  /** `maxOperations`: in all graphs that are kept. */
  constructor(context: Context, maxOperations?: number) {
    this.#context = context;
    this.#residents = new Residents(context);
    this.cache = new GraphCache(context, maxOperations);
  }

  /** Brings the inputs of a computation, whose graph this is, to the device. */
  prepare(compiled: Compiled, computation: Computation, xla: boolean): Prepared {
    const variables = this.#residentsOf(compiled, computation).map(({ handle }) => handle);
    return new Prepared(this.#context, compiled, computation, variables, xla);
  }

  async execute(prepared: Prepared): Promise<Results> {
    const { compiled, computation } = prepared;
    const context = this.#context;
    let outputs: Pointer[] = [];
    try {
      for (const resident of this.#residentsOf(compiled, computation)) resident.push();
      for (const variable of compiled.updated) this.#residents.of(variable).detach();
      this.#residents.changing = compiled.updated.length > 0;
      const begun = performance.now();
      outputs = await prepared.execute(ANSWERS.has(computation.kind) && this.#brief.includes(compiled));
      this.#brief.note(compiled, performance.now() - begun);
    } catch (error) {
      // What an operation refuses comes before any change; where memory runs out, some variables may have changed.
      if (compiled.updated.length > 0 && !isRefusal(error)) markHalfDone(error as Error);
      throw error;
    } finally {
      this.#residents.changing = false;
      prepared.dispose();
    }
    try {
      return Object.fromEntries(compiled.outputs.map((name, i) => [name, context.download(outputs[i]!)]));
    } finally {
      for (const handle of outputs) context.release(handle);
    }
  }

  /** A trace in Chrome's format; see `Runner.profile`. */
  profile(computation: Computation): string {
    const { library, threads } = this.#context;
    const { inputs: values, gated = false, precision = 'float32' } = computation;
    const options = { ...computation, name: 'profile', values, gated, precision, xla: false, threads };
    return chromeTrace(profile(library, options));
  }

  /** Multiplications by part; see `Runner.multiplyAdds`. */
  multiplyAdds(computation: Computation): ReadonlyMap<string, number> {
    return multiplyAdds(this.#context.library, computation);
  }

  /** A graph for others; see `Runner.portable`. */
  portable(computation: Portable): PortableGraph {
    return portableGraph(this.#context.library, computation);
  }

  /** Frees what belongs to variables that are no more: of an optimiser that was replaced, sums of a training that ended. */
  forgetGone(): void {
    if (!this.#residents.someAreGone) return;
    for (const compiled of this.cache) if (compiled.variables.some(isGone)) this.cache.remove(compiled);
    this.#residents.forgetGone();
  }

  dispose(): void {
    for (const compiled of this.cache) this.cache.remove(compiled);
    this.#residents.dispose();
  }

  /** The variables that a graph reads or changes, or those that stand in for them. */
  #residentsOf({ variables }: Compiled, { instead }: Computation): ResidentVariable[] {
    return variables.map((variable) => this.#residents.of(instead?.get(variable) ?? variable));
  }
}
