import { checkOptions, flag, notNegative, number, optionsOf, share, wholeNumber } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { PlateauFollower } from './plateau-follower.ts';
import type { Schedule } from './schedule.ts';
import { type WarmupOption, warmupOption, withWarmup } from './warmup.ts';

export interface PlateauOptions extends WarmupOption {
  /** What the rate is multiplied by where nothing gets better any more, over 0 and below 1. Default 0.1. */
  readonly factor?: number;
  /** The evaluations without a better one that are waited for; it falls with the next. Default 10. */
  readonly patience?: number;
  /** An evaluation is better where it gains more than this share of the best. Default 1e-4. */
  readonly threshold?: number;
  /** The evaluations after a fall that do not count. Default 0. */
  readonly cooldown?: number;
  /** The least factor. Default 0. */
  readonly min?: number;
  /** Whether each task's own stem and head have a rate by their own metric; else one rate follows all. Default false. */
  readonly perTask?: boolean;
}

const schema = optionsOf('plateau', {
  factor: number({ above: 0, below: 1 }).default(0.1).describe('factor of the rate each time'),
  patience: wholeNumber(0).default(10).describe('evaluations without a better one before it falls'),
  threshold: notNegative.default(1e-4).describe('share of the best that a better one gains more than'),
  cooldown: wholeNumber(0).default(0).describe('evaluations after a fall that do not count'),
  min: share.default(0).describe('least factor of the rate'),
  perTask: flag.default(false).describe('whether each stem and head follows the metric of its own task'),
  warmup: warmupOption,
});

/**
 * Makes the schedule that lowers the rate where the validation metrics get no better any more (PyTorch's `ReduceLROnPlateau`, with
 * a relative threshold). It needs `evaluateEvery`. A task is judged by the first metric of its head. All tasks are judged together by
 * the mean of their changes, each relative to the task's value in the best evaluation so far; for one task that is PyTorch's rule.
 * `perTask`: each task's stem and head have a rate of their own, and the trunk the highest of them.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function reduceOnPlateau(options: PlateauOptions = {}): Schedule {
  const { warmup, perTask, ...rule } = checkOptions('reduceOnPlateau', schema, options);
  return {
    kind: 'plateau',
    config: { kind: 'plateau', ...rule, perTask, warmup },
    factor: withWarmup(warmup, () => 1),
    follow: (tasks) => new PlateauFollower(tasks, rule, perTask),
  };
}

/** `reduceOnPlateau`, as files name it. */
export const plateauKind: Kind<Schedule, PlateauOptions> = {
  kind: 'plateau',
  about: 'A fall where the metrics on the validation split get no better any more.',
  options: schema,
  build: reduceOnPlateau,
};
