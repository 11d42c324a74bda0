import { methods as balanceMethods } from '../../balance/index.ts';
import { check, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { forTasks } from '../../experiment/build.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import type { Experiment } from '../../experiment/schema.ts';
import type { Bindings, KindData } from '../../kind/index.ts';
import { didYouMean } from '../../nearest.ts';
import { sharingKinds } from '../../trunk/index.ts';
import type { StudyRun } from '../study.ts';

type BalanceData = Experiment['training']['balance'];

/** Stands for the trunk as it is, the same for all tasks. */
const HARD = 'hard';

/** A way to train all tasks together. */
export interface Candidate {
  readonly name: string;
  /** What they are balanced by. */
  readonly method: string;
  /** How they share the trunk; absent: as the experiment says. */
  readonly sharing?: string;
}

/** One training: a task alone, or all of them together. Its name is that of its folder. */
export interface ComparisonRun extends StudyRun {
  readonly seed: number;
  readonly tasks: readonly string[];
  /** The task that is trained alone. */
  readonly alone?: string;
  readonly candidate?: Candidate;
}

/** What is to be compared. */
export interface ComparisonPlan {
  readonly tasks: readonly string[];
  /** The first is what the others are compared with. */
  readonly candidates: readonly Candidate[];
  readonly seeds: readonly number[];
  /** The outermost loop is over the seeds: a measurement that is cut short holds whole repetitions. */
  readonly runs: readonly ComparisonRun[];
}

/** What is asked for. */
export interface ComparisonRequest {
  readonly methods: readonly string[];
  readonly sharing?: readonly string[];
  readonly seeds: number;
}

/** Plans the runs of a comparison. @throws BanyanError `argument` for an unknown name, one that is there twice, a number of seeds that is none. */
export function planComparison(
  experiment: CheckedExperiment,
  { methods, sharing, seeds: count }: ComparisonRequest,
  bindings?: Bindings,
): ComparisonPlan {
  checkNames(
    'methods',
    methods,
    balanceMethods(bindings).map(({ name }) => name),
  );
  if (sharing !== undefined) {
    checkNames('sharing', sharing, [HARD, ...sharingKinds.kinds(bindings).map(({ kind }) => kind)]);
  }
  check('compare', { seeds: count }, wholeNumber(1));
  const tasks = Object.keys(experiment.tasks);
  const candidates = candidatesOf(methods, sharing);
  const seeds = Array.from({ length: count }, (_, i) => experiment.seed + i);
  const runs = seeds.flatMap((seed): ComparisonRun[] => [
    ...tasks.map((alone) => ({
      name: `alone-${alone}-seed-${seed}`,
      title: `seed ${seed} · ${alone} alone`,
      seed,
      tasks: [alone],
      alone,
    })),
    ...candidates.map((candidate, i) => ({
      name: `${folderOf(candidate)}-seed-${seed}`,
      title: `seed ${seed} · ${candidate.name}`,
      seed,
      tasks,
      candidate,
      // Without the first one, as without a task alone, nothing can be compared.
      ...(i === 0 ? {} : { group: candidate.name }),
    })),
  ]);
  return { tasks, candidates, seeds, runs };
}

/** Lists the ways to train together, named by what they differ in. */
function candidatesOf(methods: readonly string[], sharing: readonly string[] | undefined): readonly Candidate[] {
  if (sharing === undefined) return methods.map((method) => ({ name: method, method }));
  const nameOf = (method: string, kind: string) => {
    if (sharing.length === 1) return method;
    return methods.length === 1 ? kind : `${kind} ${method}`;
  };
  return sharing.flatMap((kind) => methods.map((method) => ({ name: nameOf(method, kind), method, sharing: kind })));
}

/** Names its folder, in the same way however many other candidates there are. */
const folderOf = ({ method, sharing }: Candidate) => (sharing === undefined ? method : `${sharing}-${method}`);

function checkNames(option: string, names: readonly string[], choices: readonly string[]): void {
  for (const [i, name] of names.entries()) {
    if (choices.includes(name) && names.indexOf(name) === i) continue;
    const text = choices.includes(name)
      ? `compare: ${option} names "${name}" twice, expected each once. Remove one.`
      : `compare: ${option}: expected some of ${choices.join(', ')}, received "${name}". ${didYouMean(name, choices, 'Remove it.')}`;
    throw new BanyanError('argument', text);
  }
}

/** Makes the experiment of one run. */
export function experimentOf(experiment: CheckedExperiment, run: ComparisonRun): CheckedExperiment {
  const { tasks, training, trunk, report: _, transfer: __, search: ___, ...rest } = experiment;
  const { seed: ____, balance, batch, ...others } = training;
  const steps = run.alone === undefined ? { ...others, batch } : forTasks({ ...others, batch }, [run.alone]);
  return {
    ...rest,
    name: run.name,
    seed: run.seed,
    trunk: trunkOf(trunk!, run.candidate?.sharing ?? (run.alone === undefined ? undefined : HARD)),
    tasks: run.alone === undefined ? tasks : { [run.alone]: tasks[run.alone]! },
    training: run.candidate === undefined ? steps : { ...steps, balance: balanceOf(balance, run.candidate.method) },
  };
}

/** The experiment's own options of a method stay. */
const balanceOf = (balance: BalanceData, method: string): BalanceData =>
  typeof balance === 'object' && balance.method === method ? balance : method;

/** The experiment's own options of a kind of sharing stay. */
function trunkOf({ sharing, ...trunk }: KindData, kind: string | undefined): KindData {
  if (kind === HARD) return trunk;
  const wanted = kind === undefined || kind === (sharing as KindData | undefined)?.kind ? sharing : { kind };
  return wanted === undefined ? trunk : { ...trunk, sharing: wanted };
}
