import { checkOptions, notNegative, oneOf, optionsOf, positive, share } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { banditState } from './bandit-state.ts';
import { drawByWeights } from './draw.ts';
import { Exp3S } from './exp3s.ts';
import { GainScale } from './gain-scale.ts';
import type { SampledStep, Sampler } from './sampler.ts';
import { savedState } from './saved.ts';

export interface BanditOptions {
  /**
   * What counts as progress. `prediction`: how much lower the loss of a step's batch is after the update, which takes one more forward
   * pass a step. `loss`: how much lower a task's loss is than in its step before, which costs nothing, and tells less: the batches
   * differ. Default `prediction`.
   */
  readonly gain?: 'prediction' | 'loss';
  /** η, > 0: how fast the weights of tasks move. Default 0.001. */
  readonly learningRate?: number;
  /** ε: the part of the draws in which all tasks are as likely, from 0 to 1. Default 0.05. */
  readonly uniform?: number;
  /** β, >= 0: added to each gain; more of it tries tasks more evenly. Default 0. */
  readonly beta?: number;
}

const schema = optionsOf('bandit', {
  gain: oneOf('prediction', 'loss')
    .default('prediction')
    .describe('what counts as progress: the loss of the batch before and after the update, or of two steps of a task'),
  learningRate: positive.default(0.001).describe('η: how fast the weights of tasks move'),
  uniform: share.default(0.05).describe('ε: part of the draws in which all tasks are as likely'),
  beta: notNegative.default(0).describe('β: added to each gain'),
});

/**
 * Makes the sampler that draws the tasks on which the network learns most, one a step (Graves et al. 2017, "Automated Curriculum
 * Learning for Neural Networks"): a bandit, Exp3.S, whose reward is the progress of the drawn task, scaled by the quantiles of all
 * progress so far (`Exp3S`, `GainScale`). What differs: a gain is a part of the loss before, since the losses of tasks have units of their own; it is
 * not divided by the time of a step, which no other run would find again; a step is drawn three steps ahead, by the weights of then.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function bandit(options: BanditOptions = {}): Sampler {
  const { gain, learningRate, uniform, beta } = checkOptions('bandit', schema, options);
  return {
    kind: 'bandit',
    config: { kind: 'bandit', gain, learningRate, uniform, beta },
    measuresAgain: gain === 'prediction',
    begin: ({ tasks: { length } }) => {
      const exp3s = new Exp3S(length, { learningRate, uniform, beta });
      const scale = new GainScale();
      /** Probabilities of the tasks that were drawn, by step, until it is made. */
      let waiting: (readonly [step: number, probability: number])[] = [];
      let losses: (number | null)[] = Array(length).fill(null);

      /** The progress on the one task of a step; undefined where there is none to be told of. */
      const gainOf = (step: SampledStep): { readonly task: number; readonly gain: number } | undefined => {
        const [[task, loss] = []] = step.losses;
        if (task === undefined || loss === undefined) return undefined;
        const [before, after] = gain === 'prediction' ? [loss, step.lossesAfter?.get(task)] : [losses[task], loss];
        losses[task] = loss;
        if (before === undefined || before === null || after === undefined || before === 0) return undefined;
        return { task, gain: (before - after) / Math.abs(before) };
      };
      return {
        sets: length,
        draw: (request) => {
          const policy = exp3s.policy(request.active);
          const drawn = drawByWeights(policy, 1, request);
          waiting.push([request.step, policy[drawn[0]!]!]);
          return drawn;
        },
        observeStep: (step) => {
          const [, probability] = waiting.find(([number]) => number === step.step) ?? [];
          waiting = waiting.filter(([number]) => number > step.step);
          const progress = gainOf(step);
          if (progress === undefined || probability === undefined) return;
          exp3s.reward(progress.task, scale.scaled(progress.gain, step.random), probability);
        },
        state: () => ({
          waiting: waiting.map((each) => [...each]),
          losses: [...losses],
          ...exp3s.state,
          ...scale.state,
        }),
        restore: (state) => {
          const saved = savedState('bandit', banditState(length), state);
          waiting = saved.waiting;
          losses = saved.losses;
          exp3s.restore(saved);
          scale.restore(saved);
        },
      };
    },
  };
}

/** `bandit`, as files name it. */
export const banditKind: Kind<Sampler, BanditOptions> = {
  kind: 'bandit',
  about: 'Tasks on which the network learns most are drawn more often, one a step (Graves et al. 2017).',
  options: schema,
  build: bandit,
};
