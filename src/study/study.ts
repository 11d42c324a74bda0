import { BanyanError } from '../error.ts';

/** One piece of a study's work. */
export interface StudyRun {
  /** What it is known by in the study's folder. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Runs of one group are left out together when one of them fails. When a run without a group fails, the study fails. */
  readonly group?: string;
}

/** What came of a run. */
export type Ending<Outcome> =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly message: string };

/** What a run may use while it is performed. */
export interface RunControl {
  /** Aborted when the work is to end: the run then saves what it can, and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Tells people what they must know at once. */
  readonly notice: (text: string) => void;
}

/** A list of runs, each with an outcome that is stored in the study's folder, and what all of them come to. */
export interface Study<Run extends StudyRun, Outcome, Result> {
  readonly folder: string;
  /** In the order in which they are performed. */
  readonly runs: readonly Run[];
  /** Reads the outcome of a run that was performed before; undefined where it is still to be done. */
  stored(run: Run): Promise<Ending<Outcome> | undefined>;
  /** Performs a run, or goes on with it, and stores its outcome. */
  perform(run: Run, control: RunControl): Promise<Ending<Outcome>>;
  /** Sums all up and writes it down. `failed` has what the first failed run of a group said, by group. */
  conclude(outcomes: ReadonlyMap<string, Outcome>, failed: Readonly<Record<string, string>>): Promise<Result>;
}

/** What a study tells while it is performed; the last event is `result` or `interrupted`. */
export type StudyEvent<Run extends StudyRun, Outcome, Result> =
  /** It begins. */
  | {
      readonly kind: 'start';
      readonly folder: string;
      /** The number of runs, */
      readonly runs: number;
      /** and how many of them the folder holds already. */
      readonly stored: number;
    }
  /** A run has its outcome. */
  | {
      readonly kind: 'run';
      readonly run: Run;
      /** Its place among all runs, from 1. */
      readonly number: number;
      readonly runs: number;
      readonly outcome: Outcome;
      /** Whether the folder held it already. */
      readonly stored: boolean;
      /** Milliseconds that the other runs will take at the pace so far; absent where none was made yet, or none is left. */
      readonly left?: number;
    }
  /** A run has failed, and its group is left out. */
  | {
      readonly kind: 'failure';
      readonly run: Run;
      readonly number: number;
      readonly runs: number;
      readonly message: string;
    }
  /** Something that people must know at once. */
  | { readonly kind: 'notice'; readonly text: string }
  /** It has ended before its time, and can go on in the same folder. */
  | { readonly kind: 'interrupted'; readonly folder: string; readonly finished: number; readonly runs: number }
  | { readonly kind: 'result'; readonly folder: string; readonly result: Result };

/**
 * Performs all runs of a study that its folder does not hold yet, one after the other. Only for whoever holds the folder's lock.
 * @throws BanyanError `experiment` when a run fails that has no group.
 */
export async function performStudy<Run extends StudyRun, Outcome, Result>(
  { folder, runs, ...study }: Study<Run, Outcome, Result>,
  signal: AbortSignal,
  tell: (event: StudyEvent<Run, Outcome, Result>) => void,
): Promise<void> {
  const stored = new Map<string, Ending<Outcome>>();
  for (const run of runs) {
    const ending = await study.stored(run);
    if (ending !== undefined) stored.set(run.name, ending);
  }
  tell({ kind: 'start', folder, runs: runs.length, stored: stored.size });
  const outcomes = new Map<string, Outcome>();
  const failed: Record<string, string> = {};
  const isLeftOut = ({ group }: Run) => group !== undefined && Object.hasOwn(failed, group);
  let [performed, milliseconds] = [0, 0];
  for (const [i, run] of runs.entries()) {
    if (isLeftOut(run)) continue;
    const begin = performance.now();
    const before = stored.get(run.name);
    const ending =
      before ?? (await performRun(study, run, { signal, notice: (text) => tell({ kind: 'notice', text }) }));
    if (ending === undefined) {
      tell({
        kind: 'interrupted',
        folder,
        finished: new Set([...stored.keys(), ...outcomes.keys()]).size,
        runs: runs.length,
      });
      return;
    }
    if (before === undefined) [performed, milliseconds] = [performed + 1, milliseconds + performance.now() - begin];
    const place = { run, number: i + 1, runs: runs.length };
    if (ending.kind === 'failed') {
      const { message } = ending;
      if (run.group === undefined) throw new BanyanError('experiment', `${run.title} failed: ${message}`);
      failed[run.group] = message;
      tell({ kind: 'failure', ...place, message });
      continue;
    }
    outcomes.set(run.name, ending.outcome);
    const others = runs.slice(i + 1).filter((other) => !stored.has(other.name) && !isLeftOut(other)).length;
    const left = performed > 0 && others > 0 ? { left: (milliseconds / performed) * others } : {};
    tell({ kind: 'run', ...place, outcome: ending.outcome, stored: before !== undefined, ...left });
  }
  tell({ kind: 'result', folder, result: await study.conclude(outcomes, failed) });
}

/** A run throws it that was interrupted by somebody else than its signal. */
export class Interrupted extends Error {}

/** Performs a run; undefined when it was interrupted. */
async function performRun<Run extends StudyRun, Outcome>(
  { perform }: Pick<Study<Run, Outcome, unknown>, 'perform'>,
  run: Run,
  control: RunControl,
): Promise<Ending<Outcome> | undefined> {
  const { signal } = control;
  if (signal.aborted) return undefined;
  try {
    return await perform(run, control);
  } catch (error) {
    if (error instanceof Interrupted || (signal.aborted && error === signal.reason)) return undefined;
    throw error;
  }
}
