import type { Objective } from './objectives.ts';
import type { TrialCurve } from './optuna/store.ts';

/** So many others have to have come as far before anything is ended, */
const LEAST: Readonly<Record<Rule, number>> = { median: 5, hyperband: 2 };
/** and from rung to rung the steps grow by this factor, and the trials shrink by it. */
const FACTOR = 3;

type Rule = 'median' | 'hyperband';

/**
 * Says whether a trial with several objectives is to end at a report, which no rule of Optuna can. A trial is beaten by another one that
 * had, at the same report, a better value in every objective; being better in one alone saves it. It ends when it is beaten by enough of
 * those that have come as far:
 *
 * - `median`: by more than half of them, at every report, once five others have come as far. With one objective, that is to be worse than
 *   their median.
 * - `hyperband`: by at least two thirds of them, at the reports 1, 3, 9, …, once two others have come as far. With one objective, that is
 *   successive halving by 3 without waiting for others (Li et al. 2020, "A system for massively parallel hyperparameter tuning",
 *   section 3.2), as Hyperband's most eager bracket does it.
 */
export function isDominated(
  rule: Rule,
  report: number,
  curve: TrialCurve,
  others: readonly TrialCurve[],
  objectives: readonly Objective[],
): boolean {
  if (rule === 'hyperband' && !isRung(report)) return false;
  const values = curve[report]!;
  const reached = others.flatMap(({ [report]: found }) => (found === undefined ? [] : [found]));
  if (reached.length < LEAST[rule]) return false;
  const beaten = reached.filter((other) =>
    objectives.every(({ higherIsBetter }, i) => (higherIsBetter ? other[i]! > values[i]! : other[i]! < values[i]!)),
  ).length;
  return rule === 'median' ? 2 * beaten > reached.length : FACTOR * beaten >= (FACTOR - 1) * reached.length;
}

function isRung(report: number): boolean {
  let rung = 1;
  while (rung < report) rung *= FACTOR;
  return rung === report;
}
