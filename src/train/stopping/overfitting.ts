/** Evaluations whose mean smooths a loss. */
const SMOOTHED = 4;
/** Evaluations from which the noise of a loss is told. */
const REMEMBERED = 3 * SMOOTHED;
/** The loss has risen where it has by more than so many standard errors. */
const ERRORS = 5;

/** The losses of a task at one evaluation. */
export interface LossPoint {
  /** The number of updates that were made before. */
  readonly step: number;
  /** The mean loss over the labelled examples of the steps since the evaluation before (Prechelt's training strip). */
  readonly training: number;
  /** The mean loss over the validation split. */
  readonly validation: number;
}

/** What is remembered of a task's losses. */
export interface LossHistory {
  /** The last evaluations, the oldest first. */
  readonly points: readonly LossPoint[];
  /** The means of so many neighbouring evaluations where that of the validation loss was lowest, with the last one's step. */
  readonly lowest?: LossPoint;
  /** Whether the validation loss has risen since then while the training loss fell. */
  readonly overfits: boolean;
}

/** The history before the first evaluation. */
export const NO_LOSSES: LossHistory = { points: [], overfits: false };

/** The evaluations that are smoothed into the last one, as one. */
function smoothed(points: readonly LossPoint[]): LossPoint | undefined {
  if (points.length < SMOOTHED) return undefined;
  const last = points.slice(-SMOOTHED);
  const mean = (read: (point: LossPoint) => number) => last.reduce((sum, point) => sum + read(point), 0) / SMOOTHED;
  return {
    step: last.at(-1)!.step,
    training: mean(({ training }) => training),
    validation: mean(({ validation }) => validation),
  };
}

/**
 * Estimates the variance of the validation loss about its course from how far each evaluation lies from the middle of its neighbours: no
 * straight course, however steep, counts as noise (Gasser, Sroka and Jennen-Steinmetz 1986, pseudo-residuals).
 */
function noiseOf(points: readonly LossPoint[]): number {
  const residuals = points
    .slice(1, -1)
    .map(({ validation }, i) => (points[i]!.validation + points[i + 2]!.validation) / 2 - validation);
  // Half of each neighbour and the whole of the point itself: 1.5 times the variance of one.
  return residuals.reduce((sum, residual) => sum + residual * residual, 0) / residuals.length / 1.5;
}

/**
 * Looks at a task's losses at one more evaluation. Overfitting has opened where the validation loss, as the mean of four evaluations, lies
 * above the lowest such mean before them by more than five standard errors, and the training loss lies below what it was there.
 *
 * Prechelt 1998, "Early Stopping - But When?", measures by the same two courses: generalisation loss (how far the validation error is above
 * its lowest) and progress (how far the training error still falls). His thresholds are per cent of an error that is never 0; losses here
 * may be 0 or negative, so the rise is held against the noise of the evaluations instead. Eight evaluations are needed at least.
 */
export function withLosses({ points: before, lowest, overfits }: LossHistory, point: LossPoint): LossHistory {
  // A loss that is no number ends no history.
  if (!(Number.isFinite(point.training) && Number.isFinite(point.validation)))
    return { points: before, overfits, ...(lowest && { lowest }) };
  const points = [...before, point].slice(-REMEMBERED);
  const now = smoothed(points);
  if (now === undefined) return { points, overfits: false };
  if (lowest === undefined || now.validation <= lowest.validation) return { points, lowest: now, overfits: false };
  const apart = points.filter(({ step }) => step > lowest.step).length >= SMOOTHED;
  const error = Math.sqrt((noiseOf(points) * 2) / SMOOTHED);
  const rises = apart && now.validation - lowest.validation > ERRORS * error && now.training < lowest.training;
  // Once open, it closes where the loss is as low again as it was.
  return { points, lowest, overfits: overfits || rises };
}

/** The losses where overfitting begins and as they are now, each smoothed. */
export const courseOf = ({ points, lowest }: LossHistory) => ({ before: lowest!, now: smoothed(points)! });
