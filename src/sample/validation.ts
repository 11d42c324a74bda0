import { z } from 'zod';
import { checkOptions, finite, notNegative, optionsOf, positive } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { assertTaskNames } from '../nearest.ts';
import { drawing } from './draw.ts';
import { assertTaskCount, perTask, tasksOption } from './options.ts';
import type { SampledTask, Sampler } from './sampler.ts';
import { savedNumbers, savedState } from './saved.ts';

export interface ValidationOptions {
  /** α, >= 0: how much it counts that a task lags behind; 0 draws all alike. Default 4. */
  readonly alpha?: number;
  /** ε, > 0: a task that has nothing yet is drawn at most `1 / ε` times as often as one that lags by nothing. Default 0.1. */
  readonly epsilon?: number;
  /** What a task should reach in its metric, by its name, such as what a network of its own does. Default: its own best so far. */
  readonly baselines?: Readonly<Record<string, number>>;
  /** The number of tasks of one step. Default 1. */
  readonly tasks?: number;
}

const schema = optionsOf('validation', {
  alpha: notNegative.default(4).describe('α: how much it counts that a task lags behind; 0 draws all alike'),
  epsilon: positive.default(0.1).describe('ε: keeps a task that has nothing yet from taking all draws'),
  baselines: perTask(finite, 'a section with a number by task')
    .optional()
    .describe('what a task should reach in its metric, by task; default its own best so far'),
  tasks: tasksOption,
});

/**
 * Makes the sampler that draws more of what lags behind: a task's weight is `1 / (min(1, s / b)^α + ε)`, where s is its newest score on
 * the validation split and b its baseline (after Jean et al. 2019, "Adaptive Scheduling for Multi-Task Learning", whose explicit schedule
 * draws tasks the more, the poorer their scores are beside those of networks of their own). The score is the task's first metric; where
 * lower is better, the ratio is `b / s`. What differs: b is by default the task's own best so far, so that no other network has to be
 * trained; then all tasks are drawn alike until one gets worse again. Before the first evaluation all are drawn alike. It needs
 * `evaluateEvery`. The ratio needs scores above 0: of others the baseline is either reached (1) or not (0).
 * @throws BanyanError `argument` for an option that is wrong; by `train`, for a baseline of no task, and without `evaluateEvery`.
 */
export function validation(options: ValidationOptions = {}): Sampler {
  const { alpha, epsilon, baselines = {}, tasks } = checkOptions('validation', schema, options);
  return {
    kind: 'validation',
    config: { kind: 'validation', alpha, epsilon, baselines, tasks },
    followsEvaluations: true,
    begin: (training) => {
      const { length } = training.tasks;
      assertTaskCount('validation', tasks, length);
      const names = training.tasks.map(({ name }) => name);
      assertTaskNames('validation: baselines', Object.keys(baselines), names);
      let scores: (number | null)[] = Array(length).fill(null);
      let best: (number | null)[] = Array(length).fill(null);
      const weightOf = (task: SampledTask, k: number) => {
        const score = scores[k] ?? null;
        if (score === null) return 1 / (1 + epsilon);
        const reached = reachedPart(score, baselines[task.name] ?? best[k]!, task.higherIsBetter);
        return 1 / (reached ** alpha + epsilon);
      };
      return {
        ...drawing(length, tasks, () => training.tasks.map(weightOf)),
        observeEvaluation: (metrics) => {
          for (const [k, { name, metric, higherIsBetter }] of training.tasks.entries()) {
            const score = metrics[name]?.[metric];
            // Of a split without a label there is none.
            if (score === undefined || !Number.isFinite(score)) continue;
            scores[k] = score;
            const before = best[k] ?? score;
            best[k] = higherIsBetter ? Math.max(before, score) : Math.min(before, score);
          }
        },
        state: () => ({ scores: [...scores], best: [...best] }),
        restore: (state) => {
          const numbers = savedNumbers(length);
          ({ scores, best } = savedState('validation', z.object({ scores: numbers, best: numbers }), state));
        },
      };
    },
  };
}

/** The part of a baseline that a score reaches, from 0 to 1. */
function reachedPart(score: number, baseline: number, higherIsBetter: boolean): number {
  const [part, whole] = higherIsBetter ? [score, baseline] : [baseline, score];
  if (part >= whole) return 1;
  return part > 0 ? part / whole : 0;
}

/** `validation`, as files name it. */
export const validationKind: Kind<Sampler, ValidationOptions> = {
  kind: 'validation',
  about: 'Tasks that lag behind their best on the validation split are drawn more often (Jean et al. 2019).',
  options: schema,
  build: validation,
};
