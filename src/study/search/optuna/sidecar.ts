import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BanyanError } from '../../../error.ts';
import type { SideCarPython } from '../../../runtime/index.ts';

/** The program that speaks Optuna, in Python. */
const PROGRAM = fileURLToPath(new URL('../python/sidecar.py', import.meta.url));

/** Letters of its last words. */
const KEPT = 2000;

interface Question {
  readonly done: (answer: unknown) => void;
  readonly fail: (error: Error) => void;
}

/**
 * A process that is asked in lines of JSON and answers each with one, in their order: `{ answer }`, or `{ error }`. It ends with this
 * process, since nothing comes to its input any more.
 */
export class Sidecar {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #questions: Question[] = [];
  readonly #ended: Promise<void>;
  #fault: BanyanError | undefined;

  constructor({ command, args, env }: SideCarPython) {
    // A group of its own: Ctrl-C in a terminal is for the trainings, which have something to say to it.
    this.#child = spawn(command, [...args, PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'], env, detached: true });
    let words = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-KEPT);
    });
    createInterface(this.#child.stdout).on('line', (line) => this.#answer(line));
    this.#child.stdin.on('error', () => {}); // It has ended, which is told below.
    this.#ended = new Promise((ended) => {
      const end = (why: string) => {
        const last = words.trim().split('\n').at(-1);
        this.#break(`${why}${last ? `: ${last}` : ''}`);
        ended();
      };
      this.#child.on('error', ({ message }) => end(`it could not be started (${message})`));
      this.#child.on('close', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`));
    });
  }

  /** Asks for something by the name of a function of the side-car. @throws BanyanError `runtime` with what it says against that. */
  ask(request: string, options: object = {}): Promise<unknown> {
    return new Promise((done, fail) => {
      if (this.#fault !== undefined) {
        fail(this.#fault);
        return;
      }
      this.#questions.push({ done, fail });
      this.#child.stdin.write(`${JSON.stringify({ request, ...options })}\n`);
    });
  }

  /** Ends it, once what was asked is answered. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  #answer(line: string): void {
    let reply: { readonly answer?: unknown; readonly error?: string };
    try {
      reply = JSON.parse(line);
    } catch {
      this.#break(`it wrote ${JSON.stringify(line.slice(0, 100))}, expected a line of JSON`);
      return;
    }
    const question = this.#questions.shift();
    if (reply.error === undefined) question?.done(reply.answer);
    else question?.fail(new BanyanError('runtime', `Optuna answers: ${reply.error}. ${MEND}`));
  }

  #break(why: string): void {
    this.#fault ??= new BanyanError('runtime', `Optuna's process does not work: ${why}. ${MEND}`);
    for (const { fail } of this.#questions.splice(0)) fail(this.#fault);
  }
}

const MEND =
  'Check the address of its store and the Python that it runs in (`banyan setup --search` installs one), and go on with the same command.';
