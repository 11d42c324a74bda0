// A task that overfits for sure, beside one that does not: sixteen examples whose targets are noise, and a rule that any network finds.
import {
  adam,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  type Source,
  type TrainOptions,
} from '../../../src/index.ts';
import { RandomStream } from '../../../src/plugin.ts';
import { headOf, stemOf } from '../../fixtures.ts';

/** A source of so many training examples and of forty-eight held-out ones. */
function sourceOf(training: number, targetOf: (input: readonly number[], draw: number) => number) {
  const random = new RandomStream(5, `examples ${training}`);
  const draw = () => 2 * random.uniform() - 1;
  const examples = Array.from({ length: training + 48 }, () => {
    const input = [draw(), draw(), draw(), 1];
    return { input, target: targetOf(input, draw()) };
  });
  const source: Source<readonly number[], number> = {
    counts: { training, validation: 48, test: 0 },
    read: (split, indices) => indices.map((i) => examples[split === 'training' ? i : training + i]!),
  };
  return source;
}

export const noise = () =>
  defineTask({ name: 'noise', stem: stemOf, head: headOf, source: sourceOf(16, ([a], draw) => a! + 2 * draw) });
export const rule = () =>
  defineTask({ name: 'rule', stem: stemOf, head: headOf, source: sourceOf(160, ([a, b]) => a! - 2 * b!) });

export const build = (tasks = [noise(), rule()], seed = 4) =>
  createNetwork({ trunk: denseTrunk({ width: 64, depth: 2 }), tasks, seed });

/** An evaluation every five steps. */
export const options = {
  steps: 100,
  batch: 16,
  seed: 3,
  optimizer: adam({ learningRate: 0.004 }),
  schedule: constantSchedule(),
  evaluateEvery: 5,
} satisfies TrainOptions;
