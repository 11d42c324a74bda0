import { constants } from 'node:os';
import { onSignal } from '../process/signals.ts';
import { type ChildEnding, SupervisedChild } from '../process/supervised-child.ts';
import { INTERRUPTED, LOST } from '../run/guard.ts';
import { freePorts } from './ports.ts';

/** Milliseconds in which the others may end by themselves once one has failed. */
const GRACE = 15_000;
/** How often all are started again with no new checkpoint between. */
const RESTARTS = 3;

/** The workers of one training on this machine. */
export interface WorkersPlan {
  readonly program: string;
  /** Arguments of the program, the same for all. */
  readonly args: readonly string[];
  readonly count: number;
  /** A command that starts each of them somewhere else, as in a network namespace. */
  readonly within?: readonly string[];
  /** Says what is saved so far; another answer than before is progress. */
  readonly progress: () => Promise<string>;
  /** Tells people what the workers cannot. */
  readonly say: (text: string) => void;
}

/**
 * Starts the workers of a training as children, which end with this process, and watches over them: where one was killed, or lost another,
 * all are started again, and go on from the last checkpoint. What the chief writes is shown; of the others, what they fail with. Returns
 * the exit code.
 */
export async function superviseWorkers(plan: WorkersPlan): Promise<number> {
  const { progress, say } = plan;
  let restarts = 0;
  let before = await progress();
  for (;;) {
    const { endings, asked } = await runOnce(plan);
    const codes = endings.map(({ code, signal }) => code ?? 128 + constants.signals[signal!]);
    // The chief ends last: then all is done and written.
    if (codes[0] === 0) return 0;
    const failed = endings.find(({ code }) => code !== null && code !== 0 && code !== LOST && code !== INTERRUPTED);
    if (asked !== undefined || codes.includes(INTERRUPTED) || failed !== undefined)
      return failed?.code ?? (asked === undefined ? INTERRUPTED : 128 + constants.signals[asked]);
    const now = await progress();
    restarts = now === before ? restarts + 1 : 1;
    before = now;
    const what = endings.flatMap(({ signal }, i) => (signal === null ? [] : [`worker ${i} was ended by ${signal}`]));
    const why = what.length === 0 ? 'The workers have lost each other' : `${what.join(', ')}`;
    if (restarts > RESTARTS) {
      say(
        `${why}. No checkpoint was written since they were started ${RESTARTS} times again, expected one. Look at what ends them.`,
      );
      return codes.find((code) => code !== 0)!;
    }
    say(`${why}. All are started again, and go on from the last checkpoint.`);
  }
}

/** Starts all once, and waits until all have ended. */
async function runOnce({ program, args, count, within = [], say }: WorkersPlan): Promise<{
  readonly endings: readonly ChildEnding[];
  readonly asked: NodeJS.Signals | undefined;
}> {
  // Others each time: those of before may not be free yet.
  const worker = (await freePorts(count)).map((port) => `127.0.0.1:${port}`);
  const children = worker.map((_, index) => {
    const TF_CONFIG = JSON.stringify({ cluster: { worker }, task: { type: 'worker', index } });
    const stdio = index === 0 ? (['inherit', 'inherit', 'inherit'] as const) : (['ignore', 'ignore', 'pipe'] as const);
    return new SupervisedChild({ program, args, stdio, within, env: { TF_CONFIG } }, say);
  });
  const tails = children.map(({ process: { stderr } }) => {
    let tail = '';
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-TAIL);
    });
    return () => tail.trim();
  });
  let asked: NodeJS.Signals | undefined;
  const release = onSignal((signal) => {
    asked ??= signal;
    for (const child of children) child.pass(signal);
  });
  let killer: NodeJS.Timeout | undefined;
  const endOthers = () => {
    for (const { process: child } of children) if (child.exitCode === null) child.kill('SIGKILL');
  };
  try {
    const endings = await Promise.all(
      children.map(async (child, index) => {
        const ending = await child.ended;
        if (index === 0 || (ending.code !== 0 && ending.code !== INTERRUPTED)) killer ??= setTimeout(endOthers, GRACE);
        if (![0, null, LOST, INTERRUPTED].includes(ending.code) && tails[index]!() !== '')
          say(`Worker ${index}: ${tails[index]!()}`);
        return ending;
      }),
    );
    return { endings, asked };
  } finally {
    clearTimeout(killer);
    endOthers();
    release();
  }
}

/** Characters of what a worker says at last. */
const TAIL = 4000;
