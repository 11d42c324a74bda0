import { gallery } from '../../evaluate/index.ts';
import { internals, readVariable } from '../../network/index.ts';
import { SummaryWriter } from '../../runtime/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { keepEventsUpTo } from './event-file.ts';
import type { LoggedTraining, LogWriter } from './logger.ts';
import { scalarsOf } from './scalars.ts';
import { writeShown } from './shown.ts';
import { restartEvent, scalarSummary, settingsSummary } from './summary.ts';

/** Writes a training for TensorBoard. */
export class TensorBoardLog implements LogWriter {
  readonly #training: LoggedTraining;
  readonly #folder: string;
  #writer: SummaryWriter | undefined;
  #failed = false;
  /** Looks at the network that are not over. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor(training: LoggedTraining, folder: string) {
    this.#training = training;
    this.#folder = folder;
  }

  write(event: TrainingEvent): void {
    this.#try(() => {
      if (event.kind === 'start') this.#begin(event.step);
      if (event.kind === 'step' || event.kind === 'evaluation')
        this.#writer!.summary(event.step, scalarSummary(scalarsOf(event)));
      if (event.kind === 'evaluation') this.#look(event.step);
    });
  }

  async close(): Promise<void> {
    await this.#looking;
    this.#try(() => this.#writer?.close());
    this.#writer = undefined;
  }

  #begin(step: number): void {
    const { name, settings } = this.#training;
    const seconds = Date.now() / 1000;
    const goesOn = keepEventsUpTo(step, this.#folder);
    this.#writer = new SummaryWriter(this.#folder);
    // A TensorBoard that runs has read what was cut off.
    if (step > 0) this.#writer.event(restartEvent(step + 1, seconds));
    if (!goesOn && Object.keys(settings).length > 0) this.#writer.summary(0, settingsSummary(name, settings, seconds));
  }

  /** Writes weights and examples as they are. */
  #look(step: number): void {
    const { network } = this.#training;
    const { body, lease } = internals(network);
    // The training waits for it, and nothing of it changes the network.
    const weights = lease.betweenUpdates(async () => {
      for (const { name, tensor } of body.store.all()) {
        const { values } = await readVariable(tensor);
        this.#try(() => this.#writer!.histogram(step, `weights/${name}`, values as Float32Array));
      }
    });
    const examples = gallery(network).then((shown) =>
      this.#try(() => {
        for (const [task, list] of byTask(shown))
          for (const [i, example] of list.entries()) writeShown(this.#writer!, step, `${task}/${i}`, example);
      }),
    );
    const both = Promise.all([weights, examples]).catch((error: unknown) => this.#fail(error));
    this.#looking = Promise.all([this.#looking, both]);
  }

  #try(work: () => void): void {
    if (this.#failed) return;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    process.emitWarning(
      `The log for TensorBoard in ${this.#folder} ends: ${(error as Error).message.replace(/\.?$/, '.')} The training goes on without.`,
      'BanyanWarning',
    );
  }
}

function byTask<T extends { readonly task: string }>(examples: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const example of examples) groups.set(example.task, [...(groups.get(example.task) ?? []), example]);
  return groups;
}
