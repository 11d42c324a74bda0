import { type BuiltTask, passesOf } from '../../network/index.ts';
import type { ParameterRules } from '../parameters/rules.ts';
import type { UpdatePlan } from './plan.ts';
import { reaches } from './trained-variables.ts';

/** Sets of tasks whose plans and graphs are kept. A graph takes TensorFlow some ten megabytes. */
export const MAX_PLANS = 32;

/**
 * The plans of a training's steps, one for each set of tasks that takes part, in each phase of what is frozen. Those used last are kept; with a plan that has to go its
 * graphs are freed.
 *
 * Everything in a step that differs with the tasks and the phase follows from its plan: what is read, which variables are trained, and
 * the graphs, whose keys name the plan's tasks, variables and phase. The strategy that updates is one for the whole training, and lays
 * out its gradients for the whole plan: that one holds all variables that any step trains.
 */
export class StepPlans {
  /** The plan of all tasks, with all variables that some step trains. */
  readonly whole: UpdatePlan;
  readonly #rules: ParameterRules;
  /** By the tasks' names and the phase, the one used last at the end. */
  readonly #plans = new Map<string, UpdatePlan>();
  readonly #most: number;

  constructor(whole: UpdatePlan, rules: ParameterRules, most = MAX_PLANS) {
    this.whole = whole;
    this.#rules = rules;
    this.#most = most;
  }

  /** The plan of a step, 1 for the first, in which these of the tasks take part. It is the same object for as long as it is kept. */
  of(names: readonly string[], step: number): UpdatePlan {
    const taking = this.whole.tasks.filter(({ name }) => names.includes(name));
    const phase = this.#rules.phaseOf(step);
    if (phase === this.whole.phase && taking.length === this.whole.tasks.length && this.#rules.trainsAllIn(phase))
      return this.whole;
    const key = JSON.stringify([phase, ...taking.map(({ name }) => name)]);
    const plan = this.#plans.get(key) ?? planOf(this.whole, taking, phase, this.#rules);
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

function planOf(whole: UpdatePlan, taking: readonly BuiltTask[], phase: number, rules: ParameterRules): UpdatePlan {
  const passes = passesOf(taking).map((pass) => ({
    ...pass,
    still: rules.stillIn(phase),
    places: pass.places.map((place) => whole.tasks.indexOf(taking[place]!)),
  }));
  const variables = rules.trainedIn(phase).filter((variable) => taking.some((task) => reaches(task, variable)));
  const trainedBy = new Map(variables.map(({ name }) => [name, whole.trainedBy.get(name)!]));
  return { ...whole, passes, phase, variables, trainedBy };
}
