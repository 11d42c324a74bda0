import { gramMethod } from 'banyan-ml/balance';
import { positive } from 'banyan-ml/plugin';

/** More weight to the tasks with more loss: a softmax over the losses, in all as much as there are tasks. */
export const largestLoss = gramMethod({
  kind: 'largest-loss',
  about: 'More weight to the tasks with more loss.',
  paper: 'none',
  balances: 'losses',
  options: { temperature: positive.default(1).describe('how little the losses matter') },
  needs: ['losses'],
  properties: [],
  cost: 'none',
  verified: 'by the test beside it',
  create: ({ temperature }) => ({
    weights: ({ losses }) => {
      const scores = losses.map((loss) => Math.exp(Math.min(loss, 20) / temperature));
      const sum = scores.reduce((a, b) => a + b, 0);
      return scores.map((score) => (losses.length * score) / sum);
    },
  }),
});
