import { BanyanError } from '../../error.ts';
import { RandomStream } from '../../random/index.ts';
import type { SampledMetrics, SampledTraining, Sampler, SamplerState } from '../../sample/index.ts';
import type { Json } from '../../task/contract.ts';
import { AHEAD } from './step-reader.ts';

type Losses = Readonly<Partial<Record<string, number>>>;

/** A step is drawn once this many steps before it have been made and told of: its batch is read while the one before it is. */
const DECIDED_AHEAD = AHEAD + 1;

/** What is known of the draws of a training that goes on. */
export interface DrawsState {
  /** The tasks' names, for each step that was drawn and not made. */
  readonly pending: readonly (readonly string[])[];
  /** The state of the sampler, where it has one. */
  readonly sampler?: Json;
}

/** Where drawing begins. */
export interface DrawsOptions {
  readonly seed: number;
  /** Steps that were made before. */
  readonly step: number;
  /** What a checkpoint says, where a training goes on. */
  readonly from?: DrawsState | undefined;
}

/**
 * Says which tasks take part in which step: those that a sampler draws, of them those that are active. Whatever the state of the
 * machine, the draw of a step is decided after the events of the same earlier step, and what is decided goes into checkpoints; so a
 * training that is resumed draws the same.
 */
export class Draws {
  readonly #names: readonly string[];
  readonly #sampler: SamplerState | undefined;
  readonly #seed: number;
  /** Whether losses after an update are to be told as well. */
  readonly measuresAgain: boolean;
  /** By step; decided and not made. */
  readonly #drawn = new Map<number, readonly string[]>();
  /** The last step that is decided. */
  #decided: number;
  /** The last step that was made. */
  #made: number;
  /**
   * The tasks that may be drawn and take part. Whoever stops a task takes it out, and may put it back: it takes part in no step from
   * then on, whatever was drawn before, and a step of which no task is left makes no update.
   */
  active: ReadonlySet<string>;

  /** `sampler`: absent where all tasks take part. @throws BanyanError `argument` for tasks that it cannot draw from. */
  constructor(training: SampledTraining, sampler: Sampler | undefined, { seed, step, from }: DrawsOptions) {
    this.#names = training.tasks.map(({ name }) => name);
    this.measuresAgain = sampler?.measuresAgain === true;
    this.#sampler = sampler?.begin(training);
    this.#seed = seed;
    this.#decided = step;
    this.#made = step;
    this.active = new Set(this.#names);
    if (from?.sampler !== undefined) this.#sampler?.restore?.(from.sampler);
    for (const names of from?.pending ?? []) this.#drawn.set(++this.#decided, names);
  }

  /** How many different sets of tasks the sampler may draw. */
  get sets(): number {
    return this.#sampler?.sets ?? 1;
  }

  /** The names of the tasks that were drawn for a step, which is decided and not forgotten. */
  drawnFor(step: number): readonly string[] {
    return this.#drawn.get(step)!;
  }

  /** The names of the tasks that take part in a step: those of the drawn ones that are active. */
  takingPart(step: number): readonly string[] {
    return this.drawnFor(step).filter((name) => this.active.has(name));
  }

  /** Decides what can be decided after this step and its events. */
  decide(step: number): void {
    for (const made of this.#drawn.keys()) if (made <= step) this.#drawn.delete(made);
    while (this.#decided < step + DECIDED_AHEAD) this.#drawn.set(++this.#decided, this.#draw(this.#decided));
  }

  /** Lets the sampler hear the losses of a step, by task, and those of the same batch after its update. */
  observeStep(step: number, losses: Losses, lossesAfter?: Losses): void {
    this.#made = step;
    this.#sampler?.observeStep?.({
      step,
      losses: this.#byPosition(losses),
      ...(lossesAfter === undefined ? {} : { lossesAfter: this.#byPosition(lossesAfter) }),
      random: new RandomStream(this.#seed, `sampler after ${step}`),
    });
  }

  /** Lets the sampler hear the metrics of an evaluation. */
  observeEvaluation(metrics: SampledMetrics): void {
    this.#sampler?.observeEvaluation?.(metrics);
  }

  /** What a checkpoint has to say; undefined where all tasks take part in each step. */
  get state(): DrawsState | undefined {
    const pending = [...this.#drawn].flatMap(([step, names]) => (step > this.#made ? [names] : []));
    // Where a further step is still to be decided, tasks may be stopped before.
    const isDecided = this.#decided === this.#made + DECIDED_AHEAD;
    const isFull = pending.every((names) => names.length === this.#names.length);
    if (this.#sampler === undefined && isDecided && isFull) return undefined;
    const sampler = this.#sampler?.state?.();
    return { pending, ...(sampler === undefined ? {} : { sampler }) };
  }

  #byPosition(losses: Losses): ReadonlyMap<number, number> {
    return new Map(
      this.#names.flatMap((name, k) => {
        const loss = losses[name];
        return loss === undefined ? [] : [[k, loss] as const];
      }),
    );
  }

  #draw(step: number): readonly string[] {
    const active = [...this.#names.keys()].filter((k) => this.active.has(this.#names[k]!));
    if (active.length === 0 || this.#sampler === undefined) return active.map((k) => this.#names[k]!);
    const random = new RandomStream(this.#seed, `sampler ${step}`);
    const positions = this.#sampler.draw({ step, active, random });
    const names = positions.map((k) => this.#names[k] ?? String(k));
    const isGood =
      positions.length > 0 && positions.every((k, i) => active.includes(k) && (i === 0 || k > positions[i - 1]!));
    if (isGood) return names;
    throw new BanyanError(
      'plugin',
      `The sampler drew [${positions.join(', ')}] for step ${step}, expected at least one of [${active.join(', ')}], each once and ascending. Correct its draw().`,
    );
  }
}
