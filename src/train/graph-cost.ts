import { MAX_PLANS, type StepPlans } from './step/plans.ts';

/** So many graphs are compiled before anybody minds. */
const FEW = 8;

/** Says what the graphs of a sampler's sets of tasks cost: how many there may be before the first is made, then how long that took. */
export class GraphCost {
  readonly #sets: number;
  readonly #isTold: boolean;

  /** `sets`: how many different sets of tasks may be drawn; `compiled`: whether steps are graphs. */
  constructor(sets: number, compiled: boolean) {
    this.#sets = sets;
    this.#isTold = compiled && sets > FEW;
  }

  /** Warns of many graphs. */
  tellBefore(): void {
    if (!this.#isTold) return;
    const again = this.#sets > MAX_PLANS ? ` ${MAX_PLANS} are kept: one that comes back later is compiled again.` : '';
    process.emitWarning(
      `train: the sampler may draw ${this.#sets} different sets of tasks, and each is a graph of its own, compiled in the step that draws it first.${again} Expected few sets, or steps enough to make up for it. Draw fewer tasks a step, or nearly all, or let them take turns (round-robin).`,
      'BanyanWarning',
    );
  }

  /** Says what the first step took, and what all sets may take by that. */
  tellAfter(milliseconds: number): void {
    if (!this.#isTold) return;
    const seconds = milliseconds / 1000;
    process.emitWarning(
      `train: the first step took ${seconds.toFixed(1)} s with its graph, so the graphs of all ${this.#sets} sets of tasks take up to ${Math.ceil(this.#sets * seconds)} s, spread over the steps that draw each first.`,
      'BanyanWarning',
    );
  }
}

/** Makes what says it of a training. */
export function graphCost({
  draws,
  plans,
}: {
  readonly draws: { readonly sets: number };
  readonly plans: StepPlans;
}): GraphCost {
  const { body, compile } = plans.whole;
  return new GraphCost(draws.sets, body.runner.modeOf(compile, 'train') !== 'eager');
}
