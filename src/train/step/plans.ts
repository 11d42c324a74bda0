import { type BuiltTask, passesOf } from '../../network/index.ts';
import type { UpdatePlan } from './plan.ts';
import { reaches } from './trained-variables.ts';

/** Sets of tasks whose plans and graphs are kept. A graph takes TensorFlow some ten megabytes. */
export const MAX_PLANS = 32;

/**
 * The plans of a training's steps, one for each set of tasks that takes part. Those used last are kept; with a plan that has to go its
 * graphs are freed.
 *
 * Everything in a step that differs with the tasks follows from its plan: what is read, which variables are trained, and the graphs,
 * whose keys name the plan's tasks and variables. So a training in which something else changes at a step (variables that are frozen,
 * other learning rates) gives `of` that phase as well, adds it to the key here, and makes plans with other `variables` and another
 * `factorOf`. The strategy that updates is one for the whole training, and lays out its gradients for the whole plan: that one holds
 * all variables that any step trains.
 */
export class StepPlans {
  /** The plan of all tasks. */
  readonly whole: UpdatePlan;
  /** By the tasks' names, the one used last at the end. */
  readonly #plans = new Map<string, UpdatePlan>();
  readonly #most: number;

  constructor(whole: UpdatePlan, most = MAX_PLANS) {
    this.whole = whole;
    this.#most = most;
  }

  /** The plan of the steps in which these of the tasks take part. It is the same object for as long as it is kept. */
  of(names: readonly string[]): UpdatePlan {
    const taking = this.whole.tasks.filter(({ name }) => names.includes(name));
    if (taking.length === this.whole.tasks.length) return this.whole;
    const key = JSON.stringify(taking.map(({ name }) => name));
    const plan = this.#plans.get(key) ?? planOf(this.whole, taking);
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    if (this.#plans.size > this.#most) this.#dropOldest();
    return plan;
  }

  #dropOldest(): void {
    const [key, plan] = this.#plans.entries().next().value!;
    this.#plans.delete(key);
    this.whole.body.runner.forget(plan);
  }
}

function planOf(whole: UpdatePlan, taking: readonly BuiltTask[]): UpdatePlan {
  const passes = passesOf(taking).map((pass) => ({
    ...pass,
    places: pass.places.map((place) => whole.tasks.indexOf(taking[place]!)),
  }));
  const variables = whole.variables.filter((variable) => taking.some((task) => reaches(task, variable)));
  const trainedBy = new Map(variables.map(({ name }) => [name, whole.trainedBy.get(name)!]));
  return { ...whole, passes, variables, trainedBy };
}
