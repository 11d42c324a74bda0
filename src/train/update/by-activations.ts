import type { MethodState } from '../../balance/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { activationProducts } from '../step/activation-products.ts';
import { diverged } from '../step/faults.ts';
import { hostInputs, microBatchesOf, stepInputs } from '../step/inputs.ts';
import { takingPartIn } from '../step/labels.ts';
import { allParts } from '../step/over-workers.ts';
import { namesOf, positionsIn, streamOf, type UpdatePlan } from '../step/plan.ts';
import { type ChosenBalance, drawsOf } from './chosen-balance.ts';
import { balanceReport, resultOf } from './report.ts';
import { forwardKey, networkVariables, run } from './run.ts';
import type { UpdateState, UpdateStrategy } from './strategy.ts';
import { FLOAT32, weigh } from './weigh.ts';
import { WholeUpdate } from './whole-update.ts';

/**
 * Updates by the sum of the tasks' losses, each times a factor that a method finds from the gradients with respect to what the
 * trunk gives; the heads learn from their plain losses.
 */
export function updatesByActivations(
  plan: UpdatePlan,
  state: UpdateState,
  { method, options }: ChosenBalance,
  methodState: MethodState,
): UpdateStrategy {
  const { tasks, seed, microBatches, team } = plan;
  const names = namesOf(plan);
  const whole = new WholeUpdate(plan, state, { key: [method.name, options], headsApart: true });

  /** The tasks' weighted losses, and the products of their gradients, summed over the micro-batches. */
  const look = async (plan: UpdatePlan, batch: StepBatch, step: number) => {
    const places = positionsIn(plan);
    const losses = new Float64Array(names.length);
    const gram = names.map(() => names.map(() => 0));
    const byMicroBatch: Float32Array[] = [];
    for (const microBatch of microBatchesOf(microBatches)) {
      const results = await run(plan, {
        kind: 'train-activations',
        key: forwardKey(plan),
        inputs: hostInputs(batch.passes, { step, seed, microBatch, stream: streamOf(plan) }),
        variables: networkVariables(plan),
        owner: plan,
        trace: (tensors) => activationProducts(plan, stepInputs(plan.passes, tensors)),
      });
      byMicroBatch.push(Float32Array.of(...results.losses!.values, ...results.products!.values));
    }
    const all = places.length;
    for (const part of await allParts(team, byMicroBatch, 'products of gradients')) {
      for (const [i, k] of places.entries()) {
        losses[k]! += part[i]! * tasks[k]!.definition.weight;
        for (const [j, l] of places.entries()) gram[k]![l]! += part[all + i * all + j]!;
      }
    }
    if (![...losses, ...gram.flat()].every(Number.isFinite)) throw diverged(step, names, [...losses, Number.NaN]);
    return { losses, gram };
  };

  return {
    update: async ({ plan, batch, learningRate }) => {
      const step = state.updates + 1;
      const present = takingPartIn(plan, batch.passes);
      const { losses, gram } = await look(plan, batch, step);
      const statistics = { step, losses, gram, rounding: FLOAT32, random: drawsOf(seed, step) };
      const factors = weigh(method, methodState, statistics, { present });
      const result = await whole.run(plan, batch, learningRate, { factors });
      return {
        ...resultOf(plan, batch, result),
        balance: balanceReport(names, factors, gram, present),
      };
    },
    profile: (plan, batch, learningRate) =>
      whole.profile(plan, batch, learningRate, new Float64Array(names.length).fill(1)),
    dispose: () => whole.dispose(),
  };
}
