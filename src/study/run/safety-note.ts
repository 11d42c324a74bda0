import type { TrainingEvent } from '../../train/index.ts';
import { runPaths } from './paths.ts';

/** Says how far a run is, what of it is safe on the disk, and how to go on, as far as its events tell. */
export class SafetyNote {
  readonly #folder: string;
  /** Whether checkpoints are written at all. */
  readonly saves: boolean;
  step = 0;
  /** The step of the newest checkpoint. */
  #saved: number | undefined;

  readonly #chief: string | undefined;

  /** `chief`: the address of the one that writes, where this process does not. */
  constructor(folder: string, saves: boolean, chief?: string) {
    this.#folder = folder;
    this.#chief = chief;
    this.saves = saves;
  }

  see(event: TrainingEvent): void {
    this.step = event.step;
    // A resumed run begins at a checkpoint.
    if (event.kind === 'checkpoint' || (event.kind === 'start' && event.step > 0)) this.#saved = event.step;
  }

  /** Whether nothing would be lost by now. */
  get safe(): boolean {
    return this.step === (this.#saved ?? 0);
  }

  get goOn(): string {
    return this.#chief === undefined
      ? `Go on with: banyan resume ${this.#folder}`
      : 'Start all workers again to go on.';
  }

  /** Says what is there, for who has to say it when the run cannot. */
  get text(): string {
    if (this.#chief !== undefined) return `The run is that of the chief, ${this.#chief}. ${this.goOn}`;
    const { checkpoints } = runPaths(this.#folder);
    if (this.#saved !== undefined)
      return `Safe is the checkpoint of step ${this.#saved} in ${checkpoints}. ${this.goOn}`;
    return `${this.saves ? 'There is no checkpoint yet' : 'Its checkpoints are turned off'}: it begins anew. ${this.goOn}`;
  }

  /** Answers who wants it to end. */
  get ending(): string {
    if (this.#chief !== undefined)
      return `Ending with all workers after step ${this.step + 1} at the latest … Once more ends this one at once.`;
    const { checkpoints } = runPaths(this.#folder);
    const next = this.saves ? `saving into ${checkpoints}` : 'saving nothing, since its checkpoints are turned off';
    return `Ending after step ${this.step + 1} at the latest, ${next} … Once more ends it at once.`;
  }

  /** Says what goes with a run that ends at once. */
  get lost(): string {
    if (this.safe) return `Ended. ${this.text}`;
    const since = this.#saved === undefined ? '' : ` since the checkpoint of step ${this.#saved}`;
    const steps = this.step - (this.#saved ?? 0);
    const [what, verb] = steps === 1 ? ['the step', 'is'] : [`the ${steps} steps`, 'are'];
    return `Ended at once: ${what}${since} ${verb} lost. ${this.goOn}`;
  }

  /** Says where a training that was interrupted stands: nothing is lost, or its last steps could not be saved. */
  get interrupted(): string {
    return this.safe || !this.saves
      ? `Interrupted after step ${this.step}. ${this.goOn}`
      : `Interrupted after step ${this.step}, which could not be saved. ${this.text}`;
  }
}
