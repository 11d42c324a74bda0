import type { Context, Pointer } from '../tensorflow/index.ts';
import type { Computation } from './computation.ts';
import type { Compiled } from './graph-cache.ts';

/** TensorFlow's executor that takes one operation after the other. */
const IN_TURN = new TextEncoder().encode('SINGLE_THREADED_EXECUTOR');

/** A computation that only has to be executed: its inputs are on the device. It is run once, or disposed. */
export class Prepared {
  readonly compiled: Compiled;
  readonly computation: Computation;
  readonly #context: Context;
  readonly #uploaded: Pointer[] = [];
  #call: Pointer | undefined;

  /** `variables`: handles of those that the graph reads or changes. */
  constructor(
    context: Context,
    compiled: Compiled,
    computation: Computation,
    variables: readonly Pointer[],
    xla: boolean,
  ) {
    this.compiled = compiled;
    this.computation = computation;
    this.#context = context;
    try {
      for (const input of computation.inputs) this.#uploaded.push(context.upload(input));
      this.#call = context.call(compiled.name, [...variables, ...compiled.constants, ...this.#uploaded], (op) => {
        if (xla) context.library.TFE_OpSetAttrBool(op, '_XlaMustCompile', 1);
        else if (computation.inTurn) context.library.TFE_OpSetAttrString(op, 'executor_type', IN_TURN, IN_TURN.length);
      });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Gives the outputs, which the caller releases. `now`: on this thread, which waits for them. */
  async execute(now: boolean): Promise<Pointer[]> {
    const call = this.#call!;
    this.#call = undefined;
    const { name, outputs } = this.compiled;
    return now
      ? this.#context.executeNow(name, call, outputs.length)
      : this.#context.executeAsync(name, call, outputs.length);
  }

  dispose(): void {
    if (this.#call !== undefined) this.#context.forget(this.#call);
    this.#call = undefined;
    for (const handle of this.#uploaded.splice(0)) this.#context.release(handle);
  }
}
