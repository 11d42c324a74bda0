import { tellParent } from '../process/parent.ts';
import { onInterrupt } from '../process/signals.ts';
import type { RunEnding, RunEvent, RunOptions } from './run-event.ts';
import { SafetyNote } from './safety-note.ts';

export const FAILURE = 1;
export const INTERRUPTED = 130;
/** Another worker is gone, or has failed: once all are started again, they go on. */
export const LOST = 75;

/** What a program does about what happens to a run that is its own work. */
export interface RunObserver {
  see?(event: RunEvent): void;
  /** Somebody asks for its end; it goes on until it has saved what there is. */
  interrupting?(note: SafetyNote): void;
  /** Somebody asks for its end once more: the process ends now. */
  leaving?(note: SafetyNote): void;
  /** It ended before it was complete, as the note says. */
  interrupted?(note: SafetyNote): void;
  /** It failed. `trained`: only its result is missing. */
  failed?(note: SafetyNote, trained: boolean): void;
}

/**
 * Performs a run as the work of this process and returns the exit code: 0, 130 when it was interrupted, or 1 when what it had reached by
 * then could not be saved. Ctrl-C, SIGTERM and SIGHUP interrupt it, and a second one ends the process at once. What a plugin throws where
 * nobody waits for it (a timer, an event, a promise) interrupts it too, and is thrown here. The parent is told what is safe.
 */
export async function performGuarded(
  work: (options: Pick<RunOptions, 'signal' | 'tell'>) => Promise<RunEnding>,
  observer: RunObserver,
): Promise<number> {
  const interrupted = new AbortController();
  let note: SafetyNote | undefined;
  let trained = false;
  let release = () => {};
  let stray: { readonly error: unknown } | undefined;
  const onStray = (error: unknown) => {
    stray ??= { error };
    interrupted.abort();
  };

  /** Begins with the training: until then a signal ends the process as it ends any other. */
  const open = (folder: string, saves: boolean, chief: string | undefined) => {
    const opened = new SafetyNote(folder, saves, chief);
    note = opened;
    const leave = () => {
      observer.leaving?.(opened);
      process.exit(INTERRUPTED);
    };
    release = onInterrupt(() => {
      if (trained) leave();
      observer.interrupting?.(opened);
      interrupted.abort();
    }, leave);
    process.on('uncaughtException', onStray);
    tellParent({ kind: 'safety', text: opened.text });
  };

  const tell = (event: RunEvent) => {
    if (event.kind === 'open') open(event.folder, event.saves, event.chief);
    else if ('step' in event) note!.see(event);
    if (event.kind === 'end') trained = true;
    observer.see?.(event);
    if (event.kind === 'checkpoint' || event.kind === 'start') tellParent({ kind: 'safety', text: note!.text });
  };

  try {
    const ending = await work({ signal: interrupted.signal, tell });
    if (stray !== undefined) throw stray.error;
    if (ending !== 'interrupted') return 0;
    observer.interrupted?.(note!);
    return note!.safe || !note!.saves ? INTERRUPTED : FAILURE;
  } catch (error) {
    if (note !== undefined) observer.failed?.(note, trained && !interrupted.signal.aborted);
    throw error;
  } finally {
    process.off('uncaughtException', onStray);
    release();
  }
}
