import type { ChildProcess } from 'node:child_process';
import { type ChildOptions, startChild, type ToChild, type ToParent } from './start.ts';

/** Milliseconds in which a child answers a signal, */
const ANSWER = 1500;
/** and those that one has which does not: a step operation by operation may take a while. */
const GRACE = 5000;

/** How a child ended. */
export interface ChildEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts a program as a child that ends with this process and answers signals, or is ended: where its code keeps its thread (an endless
 * loop in a plugin), no signal can be handled there.
 */
export class SupervisedChild {
  readonly process: ChildProcess;
  readonly ended: Promise<ChildEnding>;
  /** What is safe and how to go on, in the child's words; undefined as long as it answers no signals. */
  safety: string | undefined;
  /** The first signal that was passed on. */
  asked: NodeJS.Signals | undefined;
  readonly #say: (text: string) => void;
  #waiting: NodeJS.Timeout | undefined;
  #silent = false;
  #over = false;

  /** `say` tells people what the child cannot. */
  constructor(options: ChildOptions, say: (text: string) => void) {
    this.#say = say;
    const child = startChild(options);
    this.process = child;
    child.on('message', (message: ToParent) => {
      if (message?.kind === 'safety') this.safety = message.text;
      if (message?.kind === 'heard') this.#heard();
    });
    this.ended = new Promise<ChildEnding>((done, fail) => {
      child.on('error', fail);
      child.on('close', (code, signal) => done({ code, signal }));
    }).finally(() => {
      this.#over = true;
      clearTimeout(this.#waiting);
    });
  }

  /** Passes a signal on. A child that does not listen yet is ended by it; one that does not answer, a little later. */
  pass(signal: NodeJS.Signals): void {
    if (this.#over) return;
    const again = this.asked !== undefined;
    this.asked ??= signal;
    if (this.safety === undefined) {
      this.process.kill(signal);
      return;
    }
    if (this.#silent) {
      this.#end();
      return;
    }
    const message: ToChild = { kind: 'signal', signal };
    this.process.send(message, () => {}); // It may have ended by now.
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => (again ? this.#end() : this.#warn()), ANSWER);
  }

  #heard(): void {
    clearTimeout(this.#waiting);
    this.#silent = false;
  }

  #warn(): void {
    this.#silent = true;
    this.#say(
      `The training does not answer: a source, a step or the making of a graph keeps it from that. It is ended in ${GRACE / 1000} s unless it answers, at once at a second signal. ${this.safety}`,
    );
    this.#waiting = setTimeout(() => this.#end(), GRACE);
  }

  #end(): void {
    this.process.kill('SIGKILL');
  }
}
