// A task that overfits for sure, beside one that does not: sixteen examples whose targets are noise, and a rule that any network finds.
import {
  type AnyTask,
  adam,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  type HeadContext,
  type Source,
  type StemContext,
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

// A stem and a head of its own each: the same objects would be shared.
const parts = () => ({
  stem: (context: StemContext) => stemOf(context),
  head: (context: HeadContext) => headOf(context),
});
export const noise = () =>
  defineTask({ name: 'noise', ...parts(), source: sourceOf(16, ([a], draw) => a! + 2 * draw), weight: 0.3 });
export const rule = () => defineTask({ name: 'rule', ...parts(), source: sourceOf(160, ([a, b]) => a! - 2 * b!) });

export const build = (tasks: readonly AnyTask[] = [noise(), rule()], seed = 4) =>
  createNetwork({ trunk: denseTrunk({ width: 64, depth: 2 }), tasks, seed });

/** An evaluation every five steps. */
export const options = {
  steps: 100,
  batch: 16,
  seed: 3,
  optimizer: adam({ learningRate: 0.002 }),
  schedule: constantSchedule(),
  evaluateEvery: 5,
} satisfies TrainOptions;
