import type { NetworkBody, StoredFile } from '../../network/index.ts';
import type { DriftEvent, EvaluationEvent, Metrics, StepEvent } from '../events.ts';
import { judge, type Verdict } from './judge.ts';
import { copyWeights, type KeptWeights, keptIn, putWeights, tensorsOfKept, type Weights } from './kept-weights.ts';
import { type Outcome, outcomesOf } from './outcomes.ts';
import { lastColumnOf, partsBeside, partsOf } from './parts.ts';
import type { EvaluationRules } from './rules.ts';
import { BEGINNING, type EvaluationState, type Strip, standingOf } from './state.ts';

/** The names of the copies: of all weights, and of what belongs to a task. */
const NETWORK = 'network';
const nameOf = (task: string) => `task/${task}`;

/** What a checkpoint holds of it. */
export interface SavedStopping {
  readonly state: EvaluationState;
  /** The kept weights. */
  readonly kept: Pick<StoredFile, 'tensors'>;
}

/** Names the copies that the state speaks of and that are not there. */
export function lackingIn({ state, kept }: SavedStopping): readonly string[] {
  const tasks = Object.entries(state.tasks).filter(([, { waiting, stopped }]) => waiting !== undefined && !stopped);
  const needed = [...(state.selection.best === undefined ? [] : [NETWORK]), ...tasks.map(([task]) => nameOf(task))];
  const copies = keptIn(kept);
  return needed.filter((name) => !copies.has(name));
}

/**
 * Sees each evaluation of a training, and does what follows from it: keeps the best weights, takes tasks out of the steps and back into
 * them, and tells what happened. All of it follows from what was evaluated, so a resumed training decides the same.
 */
export class EarlyStopping {
  readonly #body: NetworkBody;
  readonly #rules: EvaluationRules;
  #state: EvaluationState;
  #kept: KeptWeights;

  constructor(body: NetworkBody, rules: EvaluationRules, saved?: SavedStopping) {
    this.#body = body;
    this.#rules = rules;
    this.#state = saved?.state ?? BEGINNING;
    this.#kept = saved === undefined ? new Map() : keptIn(saved.kept);
  }

  /** The names of the tasks that take part in steps, in their order. */
  get running(): readonly string[] {
    return runningIn(this.#rules, this.#state);
  }

  /** Whether nothing is left to train. */
  get over(): boolean {
    return this.#state.over || this.running.length === 0;
  }

  /** What a checkpoint has to hold for a resumed training to decide the same. */
  get saved(): SavedStopping {
    return { state: this.#state, kept: { tensors: tensorsOfKept(this.#kept) } };
  }

  /** Adds a step's losses to those of the steps since the last evaluation. */
  addStep({ losses, labelled }: Pick<StepEvent, 'losses' | 'labelled'>): void {
    const strips: Record<string, Strip> = { ...this.#state.strips };
    for (const [task, loss] of Object.entries(losses)) {
      const { sum, labelled: before } = strips[task] ?? { sum: 0, labelled: 0 };
      strips[task] = { sum: sum + labelled[task]! * loss!, labelled: before + labelled[task]! };
    }
    this.#state = { ...this.#state, strips };
  }

  /**
   * Does what follows from an evaluation: all of it or, where `measure` fails, nothing.
   * @param measure measures tasks once more, whose stems and heads were put back.
   */
  async observe(
    { step, metrics }: Pick<EvaluationEvent, 'step' | 'metrics'>,
    measure: (tasks: readonly string[]) => Promise<Metrics>,
  ): Promise<Outcome> {
    const verdict = judge(this.#rules, this.#state, metrics, step);
    const kept = await this.#body.runner.exclusive(() => this.#keep(verdict));
    const after = verdict.stopped.length === 0 ? {} : await this.#putBack(verdict, kept, measure);
    for (const task of verdict.stopped) kept.delete(nameOf(task));
    for (const task of verdict.returned) kept.delete(nameOf(task));
    const before = this.#state;
    this.#state = verdict.state;
    this.#kept = kept;
    const outcome = outcomesOf(this.#rules, { before, verdict, step, metrics, after });
    for (const event of outcome.events) if (event.kind === 'drift') warnOfDrift(event, this.#rules.perTask!.drift);
    return outcome;
  }

  /** Puts the best weights into the network. @returns the updates that they were made by; undefined where none are kept. */
  async restoreBest(): Promise<number | undefined> {
    const { best } = this.#state.selection;
    if (best === undefined) return undefined;
    const weights = this.#kept.get(NETWORK)!;
    await this.#body.runner.exclusive(() => putWeights(weights, this.#body.store.all()));
    return best.step;
  }

  /** Copies what an evaluation has found to be the best so far. @returns all copies. */
  async #keep({ isBest, improved }: Verdict): Promise<Map<string, Weights>> {
    const kept = new Map(this.#kept);
    if (isBest) kept.set(NETWORK, await copyWeights(lastColumnOf(this.#body)));
    for (const task of improved) kept.set(nameOf(task), await copyWeights(partsOf(this.#body, this.#body.task(task))));
    return kept;
  }

  /**
   * Puts the stems and heads of stopped tasks back to their best evaluation, but for what running tasks use too.
   * @returns what is measured of them then: the trunk may have moved since.
   */
  async #putBack(
    { stopped, state }: Pick<Verdict, 'stopped' | 'state'>,
    kept: KeptWeights,
    measure: (tasks: readonly string[]) => Promise<Metrics>,
  ): Promise<Metrics> {
    const body = this.#body;
    const running = runningIn(this.#rules, state).map((task) => body.task(task));
    const parts = stopped.map((task) => [task, partsBeside(body, body.task(task), running)] as const);
    const all = parts.flatMap(([, variables]) => variables);
    const before = await body.runner.exclusive(async () => {
      const before = await copyWeights(all);
      for (const [task, variables] of parts) putWeights(kept.get(nameOf(task))!, variables);
      return before;
    });
    try {
      return await measure(stopped);
    } catch (error) {
      await body.runner.exclusive(() => putWeights(before, all));
      throw error;
    }
  }
}

function warnOfDrift({ task, metric, value, best, bestStep, distance, step }: DriftEvent, drift: number): void {
  const short = (value: number) => String(Number(value.toPrecision(3)));
  const percent = (part: number) => `${short(100 * part)} %`;
  process.emitWarning(
    `Task "${task}" has stopped, and at step ${step} its ${metric} is ${short(value)}, ${percent(distance)} away from its best, ${short(best)} at step ${bestStep}: the trunk has gone on without it. Expected at most ${percent(drift)}. Let it come back (stop.perTask.return), give it more patience, or allow more drift.`,
    'BanyanWarning',
  );
}

const runningIn = ({ tasks }: Pick<EvaluationRules, 'tasks'>, state: EvaluationState): readonly string[] =>
  tasks.filter((task) => !standingOf(state, task).stopped);
