import type { TrainingEvent } from '../../train/index.ts';
import { runPaths } from './folder.ts';

/** How far a run is, and what of it is safe on the disk, as far as its events tell. */
export class Standing {
  readonly #folder: string;
  readonly #saves: boolean;
  step = 0;
  /** Of the newest checkpoint. */
  #saved: number | undefined;

  /** `saves`: whether checkpoints are written at all. */
  constructor(folder: string, saves: boolean) {
    this.#folder = folder;
    this.#saves = saves;
  }

  see(event: TrainingEvent): void {
    this.step = event.step;
    // A resumed run begins at one.
    if (event.kind === 'checkpoint' || (event.kind === 'start' && event.step > 0)) this.#saved = event.step;
  }

  /** Whether nothing would be lost by now. */
  get safe(): boolean {
    return this.step === (this.#saved ?? 0);
  }

  get goOn(): string {
    return `Go on with: banyan resume ${this.#folder}`;
  }

  /** What is there, for who has to say it when the run cannot. */
  get text(): string {
    const { checkpoints } = runPaths(this.#folder);
    if (this.#saved !== undefined)
      return `Safe is the checkpoint of step ${this.#saved} in ${checkpoints}. ${this.goOn}`;
    return `${this.#saves ? 'There is no checkpoint yet' : 'Its checkpoints are turned off'}: it begins anew. ${this.goOn}`;
  }

  /** The answer to who wants it to end. */
  get ending(): string {
    const { checkpoints } = runPaths(this.#folder);
    const next = this.#saves ? `saving into ${checkpoints}` : 'saving nothing, since its checkpoints are turned off';
    return `Ending after step ${this.step + 1} at the latest, ${next} … Once more ends it at once.`;
  }

  /** What goes with a run that ends at once. */
  get lost(): string {
    if (this.safe) return `Ended. ${this.text}`;
    const since = this.#saved === undefined ? '' : ` since the checkpoint of step ${this.#saved}`;
    const steps = this.step - (this.#saved ?? 0);
    const [what, verb] = steps === 1 ? ['the step', 'is'] : [`the ${steps} steps`, 'are'];
    return `Ended at once: ${what}${since} ${verb} lost. ${this.goOn}`;
  }
}
