import { BanyanError } from '../../error.ts';
import { formatCount } from '../../report/index.ts';
import { type Estimate, estimate, estimateOfTwo, type FittedCurve, fitCurve } from './band.ts';
import type { CurveRun, CurveWay } from './plan.ts';
import { errorAt, examplesFor, type PowerLaw } from './power-law.ts';
import type { CurvePoint } from './train-fraction.ts';

/** What a number of training examples led to. */
export interface SizeRow {
  readonly examples: number;
  /** The metric, one value a seed. */
  readonly values: readonly number[];
}

/** A way of training: what was measured, and the curve through it. */
export interface CurveRow {
  readonly way: CurveWay;
  readonly sizes: readonly SizeRow[];
  /** error(n) = scale · n^−exponent + floor; the error is 1 − metric, or the metric where less is better. */
  readonly law: PowerLaw;
  readonly exponent: Estimate;
  /** The metric that no number of examples gets beyond. */
  readonly limit: Estimate;
  /** The metric with twice the examples that there are. */
  readonly twice: Estimate;
  /** The examples that lead to the target; infinite where the curve does not reach it. */
  readonly needed?: Estimate;
  /** The curve with its 95 % band, for a picture. */
  readonly curve: readonly (Estimate & { readonly examples: number })[];
}

/** What learning curves say of a task. */
export interface LearningCurveResult {
  readonly name: string;
  readonly task: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
  readonly target?: number;
  readonly rows: readonly CurveRow[];
  /** How many times the examples the task needs together with the others for what it reaches alone with all of them. */
  readonly ratio?: Estimate;
  /** The rule of thumb: the square of the number of weights that the task trains. */
  readonly rule: { readonly parameters: number; readonly examples: number; readonly reached: Estimate };
  readonly findings: readonly string[];
}

/** What is asked of the curves. */
export interface CurveQuestion {
  readonly name: string;
  readonly task: string;
  readonly ways: readonly CurveWay[];
  readonly target?: number;
}

const DRAWN = 40;
/** A picture looks ahead to so many times the examples that there are. */
const AHEAD = 4;

/** Fits the curves of a task and says what follows. @throws BanyanError `experiment` for a metric that is not one of errors. */
export function summariseCurve(
  { name, task, ways, target }: CurveQuestion,
  runs: readonly CurveRun[],
  points: ReadonlyMap<string, CurvePoint>,
): LearningCurveResult {
  const first = points.get(runs[0]!.name)!;
  const { metric, higherIsBetter } = first;
  const errorOf = (value: number, heldOut = Number.POSITIVE_INFINITY): number => {
    const error = higherIsBetter ? 1 - value : value;
    if (!(error >= 0)) {
      throw new BanyanError(
        'experiment',
        `learning-curve: ${task} ${metric} is ${value}, expected ${higherIsBetter ? 'a metric of at most 1' : 'an error of at least 0'}, since a curve of errors is fitted. Put another metric first in its head, or name another target.`,
      );
    }
    // None of so many wrong is not a rate of 0: half an example stands for it.
    return Math.max(error, 0.5 / heldOut);
  };
  const metricOf = (error: number) => (higherIsBetter ? 1 - error : error);
  const turned = ({ value, low, high }: Estimate): Estimate =>
    higherIsBetter ? { value: metricOf(value), low: metricOf(high), high: metricOf(low) } : { value, low, high };
  const fits = ways.map((way) => {
    const measured = runs.filter((run) => run.way === way).map((run) => points.get(run.name)!);
    const sizes = [...new Set(measured.map(({ examples }) => examples))]
      .sort((a, b) => a - b)
      .map((examples) => measured.filter((point) => point.examples === examples));
    const fit = fitCurve(
      sizes.map((same) => ({
        examples: same[0]!.examples,
        errors: same.map(({ value, heldOut }) => errorOf(value, heldOut)),
      })),
    );
    return { way, sizes, fit };
  });
  const rows = fits.map(({ way, sizes, fit }): CurveRow => {
    const all = sizes.at(-1)![0]!.examples;
    const least = sizes[0]![0]!.examples;
    const drawn = Array.from({ length: DRAWN }, (_, i) => least * ((AHEAD * all) / least) ** (i / (DRAWN - 1)));
    return {
      way,
      sizes: sizes.map((same) => ({ examples: same[0]!.examples, values: same.map(({ value }) => value) })),
      law: fit.law,
      exponent: estimate(fit, ({ exponent }) => exponent),
      limit: turned(estimate(fit, ({ floor }) => floor)),
      twice: turned(estimate(fit, (law) => errorAt(law, 2 * all))),
      ...(target === undefined ? {} : { needed: estimate(fit, (law) => examplesFor(law, errorOf(target))) }),
      curve: drawn.map((examples) => ({ examples, ...turned(estimate(fit, (law) => errorAt(law, examples))) })),
    };
  });
  const all = rows[0]!.sizes.at(-1)!.examples;
  const alone = fits.find(({ way }) => way === 'alone')!.fit;
  const together = fits.find(({ way }) => way === 'together')?.fit;
  const { parameters } = points.get(runs.find(({ way }) => way === 'alone')!.name)!;
  const rule = {
    parameters,
    examples: parameters ** 2,
    reached: turned(estimate(alone, (law) => errorAt(law, parameters ** 2))),
  };
  const summary = {
    name,
    task,
    metric,
    higherIsBetter,
    ...(target === undefined ? {} : { target }),
    rows,
    ...(together === undefined ? {} : { ratio: ratioOf(together, alone, all) }),
    rule,
  };
  return { ...summary, findings: findingsOf(summary, all) };
}

/** How many times the examples that there are lead together to what these lead to alone. */
const ratioOf = (together: FittedCurve, alone: FittedCurve, all: number): Estimate =>
  estimateOfTwo(together, alone, (first, second) => examplesFor(first, errorAt(second, all)) / all);

function findingsOf(
  { task, metric, target, rows, ratio, rule }: Omit<LearningCurveResult, 'findings'>,
  all: number,
): readonly string[] {
  const found = rows.map(
    ({ way, exponent, limit, twice }) =>
      `${task} ${way}: the error falls as n^−${interval(exponent)}; twice the ${formatCount(all)} examples lead to ${metric} ${interval(twice)}, and no number of them beyond ${interval(limit)}.`,
  );
  const needed = rows.flatMap(({ way, needed }) =>
    needed === undefined ? [] : [`${task} ${way}: ${metric} ${target} ${neededText(needed, all)}`],
  );
  const better = ratio === undefined ? [] : [ratioText(task, ratio, all)];
  const { parameters, examples, reached } = rule;
  return [
    ...found,
    ...needed,
    ...better,
    `The rule of thumb P × P asks for ${formatNumber(examples)} examples for the ${formatCount(parameters)} weights that are trained here alone. The curve says that these would lead to ${metric} ${interval(reached)}.`,
  ];
}

function neededText({ value, low, high }: Estimate, all: number): string {
  if (value <= all) return `is reached with ${formatNumber(Math.ceil(value))} of them.`;
  if (low === Number.POSITIVE_INFINITY) return 'will not be reached by more examples.';
  const from = `${formatNumber(Math.ceil(low))}`;
  if (value === Number.POSITIVE_INFINITY)
    return `will not be reached by more examples, as it seems; if at all, with more than ${from}.`;
  const to = high === Number.POSITIVE_INFINITY ? 'no bound' : formatNumber(Math.ceil(high));
  return `needs ${formatNumber(Math.ceil(value))} examples [${from}, ${to}], ${formatNumber(Math.ceil(value - all))} more.`;
}

function ratioText(task: string, { value, low, high }: Estimate, all: number): string {
  const what = `for what it reaches alone with all ${formatCount(all)}`;
  if (value === Number.POSITIVE_INFINITY)
    return `Together, ${task} does not get to what it reaches alone with all ${formatCount(all)} examples.`;
  const to = high === Number.POSITIVE_INFINITY ? 'no bound' : figure(high);
  return `Together, ${task} needs ${figure(value)} times the examples [${figure(low)}, ${to}] ${what}.`;
}

export const interval = ({ value, low, high }: Estimate): string =>
  `${figure(value)} [${figure(low)}, ${figure(high)}]`;
const figure = (value: number): string => String(Number(value.toPrecision(3)));
/** Whole numbers with spaces, and those that nobody counts by their power of ten. */
const formatNumber = (value: number): string =>
  value < 1e9 ? formatCount(value) : value.toExponential(1).replace('e+', ' · 10^');
