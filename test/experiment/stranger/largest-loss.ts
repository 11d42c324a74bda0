import { gramMethod, perTask } from 'banyan-ml/balance';
import { positive } from 'banyan-ml/plugin';

/** More weight to the tasks with more loss: a softmax over the losses, in all as much as there are tasks. */
export const largestLoss = gramMethod({
  kind: 'largest-loss',
  about: 'More weight to the tasks with more loss.',
  paper: 'none',
  balances: 'losses',
  options: {
    temperature: positive.default(1).describe('how little the losses matter'),
    matter: perTask(positive).describe('how much the loss of each task matters; default: all alike'),
  },
  needs: ['losses'],
  properties: [],
  cost: 'none',
  verified: 'by the test beside it',
  create: ({ temperature, matter }) => ({
    weights: ({ losses }) => {
      const scores = losses.map((loss, k) => Math.exp(Math.min((matter?.[k] ?? 1) * loss, 20) / temperature));
      const sum = scores.reduce((a, b) => a + b, 0);
      return scores.map((score) => (losses.length * score) / sum);
    },
  }),
});
