import { BanyanError } from '../error.ts';
import type { Schedule, ScheduleFollower } from '../optimise/index.ts';
import type { StepEvent } from './events.ts';
import type { LearningRate } from './step/inputs.ts';

/** What learning rates follow from. */
interface RateSource {
  readonly state: { readonly optimizer: { readonly learningRate: number } };
  readonly schedule: Schedule;
  readonly follower: ScheduleFollower | undefined;
  readonly steps: number;
  /** The tasks' names, in their order. */
  readonly names: readonly string[];
}

/** Gives the learning rate of each step: the optimiser's, times the schedule's factor, times what follows the evaluations. */
export class LearningRates {
  readonly #source: RateSource;

  constructor(source: RateSource) {
    this.#source = source;
  }

  /** The rate of a step, 1 for the first. It may not be finite: see `assertFinite`. */
  at(step: number): LearningRate {
    const { state, schedule, follower, steps } = this.#source;
    const rate = state.optimizer.learningRate * schedule.factor(step - 1, steps);
    if (follower === undefined) return rate;
    const trunk = rate * follower.trunk;
    return follower.tasks === undefined ? trunk : [trunk, ...follower.tasks.map((factor) => rate * factor)];
  }

  /** @throws BanyanError `argument` for a rate that is not finite. */
  assertFinite(rate: LearningRate, step: number): void {
    if (isFiniteRate(rate)) return;
    throw new BanyanError(
      'argument',
      `The schedule "${this.#source.schedule.kind}" makes the learning rate of step ${step} ${rate}, expected a finite number. Let its factor() give one.`,
    );
  }

  /** What an event tells of a rate. */
  told(rate: LearningRate): Pick<StepEvent, 'learningRate' | 'learningRates'> {
    if (typeof rate === 'number') return { learningRate: rate };
    const [trunk, ...tasks] = rate;
    const { names } = this.#source;
    return { learningRate: trunk!, learningRates: Object.fromEntries(names.map((name, k) => [name, tasks[k]!])) };
  }
}

/** Whether all of a rate's numbers are finite. */
export const isFiniteRate = (rate: LearningRate): boolean => [rate].flat().every(Number.isFinite);
