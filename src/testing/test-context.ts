import * as tf from '@tensorflow/tfjs';
import { VariableStore } from '../network/assembly/variables.ts';
import { RandomRoot } from '../random/index.ts';
import { createRunner, type Runner, startRuntime } from '../runtime/index.ts';
import type { BuildContext } from '../task/contract.ts';

const WIDTH = 16;

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

/** Copies all variables of one workbench into another, as save and load would. */
export function copyVariables(from: VariableStore, to: VariableStore): void {
  const targets = new Map(to.all().map((v) => [v.name, v.variable]));
  for (const { name, variable } of from.all()) targets.get(name)?.assign(variable);
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
        variables.map((v) => v.variable),
      );
      const norm = Math.sqrt(Object.values(grads).reduce((sum, g) => sum + g.square().sum().dataSync()[0]!, 0));
      for (const { variable } of variables) {
        const gradient = grads[variable.name];
        if (gradient !== undefined) variable.assign(variable.sub(gradient.mul(rate / Math.max(1, norm))));
      }
    });
  }
  return { before, after: read() };
}

/**
 * Runs a contract on the runtime and checks that not one tensor outlives it. `open` makes a workbench, whose variables are
 * freed at the end, also where the contract is broken.
 */
export async function withoutLeak(
  what: string,
  contract: (open: (seed?: number) => TestContext) => Promise<void> | void,
): Promise<void> {
  await startRuntime();
  const before = tf.memory().numTensors;
  const benches: TestContext[] = [];
  try {
    await contract((seed) => {
      const bench = testContext(seed);
      benches.push(bench);
      return bench;
    });
  } finally {
    for (const { store } of benches) store.dispose();
  }
  const left = tf.memory().numTensors - before;
  if (left !== 0)
    throw new Error(`${what}: ${left} tensors are left after the contract. Wrap what makes them in tf.tidy.`);
}
