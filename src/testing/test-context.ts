import * as tf from '@tensorflow/tfjs';
import { VariableStore } from '../network/assembly/variables.ts';
import { RandomRoot } from '../random/index.ts';
import { createRunner, type Runner } from '../runtime/index.ts';
import type { BuildContext } from '../task/contract.ts';

/** The width of tokens in the contract suites. */
export const WIDTH = 16;

/** A context in which one stem or head is built alone, and its variables. */
export interface TestContext {
  readonly context: BuildContext;
  readonly store: VariableStore;
  readonly randomness: RandomRoot;
  readonly runner: Runner;
}

export function testContext(seed = 1): TestContext {
  const store = new VariableStore(seed);
  const randomness = new RandomRoot();
  const scope = store.scope('contract');
  return {
    context: { width: WIDTH, task: 'contract', random: randomness.branch('contract'), ...scope },
    store,
    randomness,
    runner: createRunner(),
  };
}

/** Trains the store's variables by plain gradient steps on `loss`; returns the loss before and after. */
export function descend(
  store: VariableStore,
  loss: () => tf.Scalar,
  steps: number,
  rate: number,
): { before: number; after: number } {
  const read = () => tf.tidy(() => loss().dataSync()[0]!);
  const variables = store.all().filter((v) => v.trainable);
  const before = read();
  for (let i = 0; i < steps; i++) {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(
        loss,
        variables.map((v) => v.tensor),
      );
      const norm = Math.sqrt(Object.values(grads).reduce((sum, g) => sum + g.square().sum().dataSync()[0]!, 0));
      for (const { tensor } of variables) {
        const gradient = grads[tensor.name];
        if (gradient !== undefined) tensor.assign(tensor.sub(gradient.mul(rate / Math.max(1, norm))));
      }
    });
  }
  return { before, after: read() };
}

/** Makes a context for the work, and frees its variables afterwards, also where that fails. */
export function withContext<Result>(work: (context: TestContext) => Result): Result {
  const context = testContext();
  try {
    return work(context);
  } finally {
    context.store.dispose();
  }
}
