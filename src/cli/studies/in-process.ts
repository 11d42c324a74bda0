import type { Observable } from 'rxjs';
import { tellParent } from '../../study/process/parent.ts';
import { onInterrupt } from '../../study/process/signals.ts';
import type { StudyEvent, StudyRun } from '../../study/study.ts';
import { INTERRUPTED, showStudy, type Words } from './show.ts';

/** How a study is told whose runs this process performs. */
interface InProcessWords<Run extends StudyRun, Outcome, Result> extends Omit<Words<Run, Outcome, Result>, 'started'> {
  /** What its folder holds once it has begun. */
  readonly kept: string;
}

/** Shows a study whose runs this process performs, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function showInProcess<Run extends StudyRun, Outcome, Result>(
  begin: (signal: AbortSignal) => Observable<StudyEvent<Run, Outcome, Result>>,
  { kept, ...words }: InProcessWords<Run, Outcome, Result>,
): Promise<number> {
  const stopping = new AbortController();
  let release = () => {};
  try {
    return await showStudy(begin(stopping.signal), {
      ...words,
      started: ({ folder, stored, runs }) => {
        // Until then there is nothing to go on with, and a signal ends the process as it ends any other.
        release = onInterrupt(
          () => stopping.abort(),
          () => process.exit(INTERRUPTED),
        );
        tellParent({ kind: 'safety', text: `Its ${kept} are in ${folder}. ${words.goOn(folder)}` });
        return stored > 0 ? `going on in ${folder}: ${stored} of ${runs} runs are there` : undefined;
      },
    });
  } finally {
    release();
  }
}
