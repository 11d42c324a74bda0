import { Subject, type Subscription } from 'rxjs';
import { performGuarded } from '../../study/run/guard.ts';
import type { RunEnding, RunEvent, RunOptions } from '../../study/run/run-event.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { columnsNote, resultText } from '../print/result.ts';
import { type Progress, showProgress } from '../progress.ts';
import { reportEvents } from './report.ts';

/** How a run is shown. */
export interface Presentation {
  /** To programs, as JSON, in place of people. */
  readonly json: boolean;
  readonly profile?: boolean;
}

/** Performs a run, shows it as it goes, and returns the exit code. */
export async function performRun(
  work: (options: Pick<RunOptions, 'signal' | 'tell'>) => Promise<RunEnding>,
  { json, profile = false }: Presentation,
): Promise<number> {
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const writeLine = (data: unknown) => process.stdout.write(`${JSON.stringify(data)}\n`);
  // What people must know, whoever reads the output.
  const tellPeople = (text: string) => void (json ? process.stderr : process.stdout).write(`\n${text}\n`);
  const events = new Subject<TrainingEvent>();
  let shown: Subscription | undefined;
  /** Of what comes after the last step. */
  let ending: Progress | undefined;

  const see = (event: RunEvent) => {
    switch (event.kind) {
      case 'open': {
        const { url } = event;
        if (url !== undefined) json ? writeLine({ kind: 'watch', url }) : say(`Watch it at ${url}`);
        shown = reportEvents(events, json);
        return;
      }
      case 'result':
        ending?.hide();
        json
          ? writeLine({ kind: 'result', folder: event.folder, metrics: event.result.metrics })
          : say(resultText(event, profile));
        return;
      case 'columns':
        ending?.hide();
        say(columnsNote(event.columns));
        return;
      default:
        events.next(event);
        if (event.kind !== 'end') return;
        events.complete();
        ending = showProgress('measuring the trained network');
    }
  };

  return performGuarded(work, {
    see,
    interrupting: (note) => {
      // A picture of the training is not drawn over what is said now.
      if (process.stdout.isTTY) shown?.unsubscribe();
      tellPeople(note.ending);
    },
    leaving: (note) => {
      shown?.unsubscribe();
      tellPeople(note.lost);
    },
    interrupted: (note) => (note.safe || !note.saves ? say(`\n${note.interrupted}`) : tellPeople(note.interrupted)),
    failed: (note, trained) => {
      events.error(undefined);
      tellPeople(trained ? `The training is done, and its result is not written. ${note.text}` : note.text);
    },
  }).finally(() => ending?.stop());
}
