import { BanyanError } from 'banyan-ml';
import type { Kind, TargetField } from 'banyan-ml/plugin';
import { optionsOf, positive } from 'banyan-ml/plugin';
import { type RegressorOptions, regressor } from '../../regressor.ts';
import { type NumberStatistics, numberStatistics } from '../statistics.ts';
import { fitsNumbers, readNumber } from './cells.ts';
import { lossChoice } from './loss-choice.ts';
import { fitsLists, learnNumbers, readNumbers } from './vector.ts';

interface NumberTargetOptions {
  readonly loss: NonNullable<RegressorOptions['loss']>;
}

const loss = lossChoice(['squared', 'absolute', 'huber', 'gaussian'], 'huber', {
  delta: positive.optional().describe('deviations from which on the loss grows in a straight line; default 1'),
})
  .default('squared')
  .describe(
    '`squared` leads to the mean, `absolute` to the median, `huber`, or `{ kind: huber, delta: 2 }`, lies between, `gaussian` tells how sure it is',
  );

/** A number. */
export const numberTarget: Kind<TargetField, NumberTargetOptions> = {
  kind: 'number',
  about: 'A number, learned in units of its deviation and told in its own.',
  options: optionsOf('number', { loss }),
  build: ({ loss }): TargetField => ({
    fits: fitsNumbers,
    learn: () => {
      const statistics = numberStatistics({ columns: 1 });
      return {
        see: ([cell = null], place, split) => {
          const number = readNumber(cell, place);
          if (split === 'training') statistics.add([number]);
        },
        facts: () => labelled(statistics.result()),
      };
    },
    read: (cell, _, place) => readNumber(cell, place)!,
    head: (facts) => {
      const { mean, deviation } = facts as unknown as NumberStatistics;
      return regressor({ loss, scale: () => ({ mean: mean[0]!, deviation: deviation[0]! || 1 }) });
    },
  }),
};

/** Several numbers. */
export const vectorTarget: Kind<TargetField, NumberTargetOptions> = {
  kind: 'vector',
  about: 'Several numbers, as many in each row.',
  options: optionsOf('vector', { loss }),
  build: ({ loss }): TargetField => ({
    fits: fitsLists,
    learn: () => learnNumbers(),
    read: (cell, facts, place) => readNumbers(cell, place, (facts as unknown as NumberStatistics).mean.length),
    head: (facts) => {
      const { mean, deviation } = facts as unknown as NumberStatistics;
      return regressor({
        loss,
        outputs: mean.length,
        scale: () => ({ mean, deviation: deviation.map((value) => value || 1) }),
      });
    },
  }),
};

function labelled(statistics: NumberStatistics): NumberStatistics {
  if (statistics.counts[0]! > 0) return statistics;
  throw new BanyanError(
    'data',
    'no training row has a number here, expected labels to learn from. Take another column.',
  );
}
