import { BanyanError } from '../../error.ts';
import type { CheckpointEvent } from '../events.ts';
import type { CheckpointOptions } from '../options.ts';
import { Saving } from './saving.ts';

/** Keeps a training on the disk: knows what is saved, what is not, and where it can go on. */
export class Keeper {
  readonly #saving: Saving | undefined;
  /** The step whose state is saved. */
  #saved: number;
  /** The last checkpoint. */
  #last: string | undefined;

  /** `options`: absent where there are no checkpoints; `step`, `last`: where the training begins, and the checkpoint that it goes on from. */
  constructor(options: CheckpointOptions | undefined, step: number, last: string | undefined) {
    this.#saving = options && new Saving(options);
    this.#saved = step;
    this.#last = last;
  }

  /** Whether checkpoints are written at all. */
  get saves(): boolean {
    return this.#saving !== undefined;
  }

  /** Says whether it is time for a checkpoint after this step. */
  isDue(step: number): boolean {
    return this.#saving?.isDue(step, this.#saved) === true;
  }

  /** Says whether what this step left is not saved. */
  lacks(step: number): boolean {
    return step > this.#saved;
  }

  /** The folder of the checkpoint of this step; undefined where there is none. */
  pathOf(step: number): string | undefined {
    return this.#saved === step ? this.#last : undefined;
  }

  /**
   * Writes a checkpoint into the folder that `write` is given, where there are any. Returns what to tell; undefined where none was written.
   * `ended`: the training does not go on.
   */
  async save(
    step: number,
    ended: boolean,
    write: (folder: string) => Promise<string>,
  ): Promise<CheckpointEvent | undefined> {
    const saving = this.#saving;
    const path = await saving?.write(step, this.#last, ended, () => write(saving.folder));
    if (path === undefined) return undefined;
    this.#saved = step;
    this.#last = path;
    return { kind: 'checkpoint', step, path };
  }

  /** Says of what ended a training where it can go on. */
  withCheckpoint(error: unknown): unknown {
    if (this.#saving === undefined && this.#last === undefined) return error;
    const where = this.#last === undefined ? 'No checkpoint was written.' : `The last checkpoint is ${this.#last}.`;
    if (error instanceof BanyanError) return new BanyanError(error.code, `${error.message} ${where}`, { cause: error });
    // It stays what it is, for whoever looks for its kind.
    if (error instanceof Error) error.message += ` ${where}`;
    return error;
  }
}
