import picocolors from 'picocolors';
import type { Observable, Subscription } from 'rxjs';
import { jsonlReport, linesReport, terminalReport } from '../../report/index.ts';
import type { TrainingEvent } from '../../train/index.ts';

/** Shows a training to people, or to programs. */
export function reportEvents(events: Observable<TrainingEvent>, json: boolean): Subscription {
  const write = (text: string) => void process.stdout.write(text);
  if (json) return jsonlReport(events, write);
  return process.stdout.isTTY
    ? terminalReport(events, process.stdout, { colors: picocolors.isColorSupported })
    : linesReport(events, write);
}
