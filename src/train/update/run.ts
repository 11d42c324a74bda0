import type { Computation, Prepared, Results } from '../../runtime/index.ts';
import { withLeak } from '../step/faults.ts';
import { namesOf, positionsIn, type UpdatePlan } from '../step/plan.ts';

/** Runs a computation of an update. @throws as `UpdateStrategy.update`. */
export const run = (plan: UpdatePlan, work: Computation | Prepared): Promise<Results> =>
  plan.body.runner.run(work, plan.compile).catch(withLeak(plan));

/** All variables of the network. */
export const networkVariables = ({ body }: Pick<UpdatePlan, 'body'>) => body.store.all().map(({ tensor }) => tensor);

/** Key of whatever goes through the passes of a plan: all tasks, which of them take part, and in which phase. */
export const passKey = (plan: UpdatePlan): Computation['key'] => [namesOf(plan), positionsIn(plan), plan.phase];

/**
 * Key of a forward pass in training: which tasks, and which variables are trained (a frozen batch normalisation keeps its
 * statistics).
 */
export const forwardKey = (plan: UpdatePlan): Computation['key'] => [
  passKey(plan),
  plan.variables.map(({ name }) => name),
];
