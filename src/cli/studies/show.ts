import { lastValueFrom, type Observable, tap } from 'rxjs';
import { jsonText } from '../../checkpoint/index.ts';
import { formatDuration } from '../../report/index.ts';
import type { StudyEvent, StudyRun } from '../../study/study.ts';
import { showProgress } from '../progress.ts';

export const INTERRUPTED = 130;

/** How a study is shown, and how its command was written. */
export interface StudyPresentation {
  readonly json: boolean;
  /** What is set in its experiment, as words of the command. */
  readonly setting: string;
}

/** How the events of a study are told to people. */
export interface Words<Run extends StudyRun, Outcome, Result> {
  readonly json: boolean;
  /** What a run reached; undefined for one of which nothing is told. */
  readonly outcome: (run: Run, outcome: Outcome, stored: boolean) => string | undefined;
  /** Says how to go on in a folder. */
  readonly goOn: (folder: string) => string;
  readonly result: (result: Result, folder: string) => string;
  /** Called as it begins; what it says of that, if anything. */
  readonly started?: (start: Extract<StudyEvent<Run, Outcome, Result>, { kind: 'start' }>) => string | undefined;
}

/** Performs a study, shows it as it goes, and returns the exit code: 0, 1 when a run failed, 130 when it was interrupted. */
export async function showStudy<Run extends StudyRun, Outcome, Result>(
  events: Observable<StudyEvent<Run, Outcome, Result>>,
  { json, outcome: outcomeText, goOn, result: resultText, started }: Words<Run, Outcome, Result>,
): Promise<number> {
  const say = (text: string) => void (json || process.stdout.write(`${text}\n`));
  let failed = false;
  const progress = showProgress('reading data');
  const see = (event: StudyEvent<Run, Outcome, Result>) => {
    progress.hide();
    if (event.kind === 'start') progress.tell(`run 1 of ${event.runs}`);
    else if ('number' in event && event.number < event.runs) progress.tell(`run ${event.number + 1} of ${event.runs}`);
    switch (event.kind) {
      case 'start': {
        const text = started?.(event);
        if (text !== undefined) say(text);
        return;
      }
      case 'run': {
        const text = outcomeText(event.run, event.outcome, event.stored);
        const left = event.left === undefined ? '' : `, about ${formatDuration(event.left)} left`;
        if (text !== undefined) say(`${placeText(event)}  ${event.run.title}: ${text}${left}`);
        return;
      }
      case 'failure':
        failed = true;
        say(`${placeText(event)}  ${event.run.title} failed: ${event.message}`);
        return;
      case 'notice':
        process.stderr.write(`\n${event.text}\n`);
        return;
      case 'interrupted':
        say(`\nInterrupted after ${event.finished} of ${event.runs} runs. ${goOn(event.folder)}`);
        return;
      case 'result':
        process.stdout.write(json ? jsonText(event.result) : `\n${resultText(event.result, event.folder)}\n`);
    }
  };
  const last = await lastValueFrom(events.pipe(tap(see))).finally(progress.stop);
  if (last.kind === 'interrupted') return INTERRUPTED;
  return failed ? 1 : 0;
}

const placeText = ({ number, runs }: { readonly number: number; readonly runs: number }): string =>
  `${String(number).padStart(String(runs).length)}/${runs}`;
