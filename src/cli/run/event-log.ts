import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { eventLine } from '../../report/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { parseFigures } from './figures.ts';

/** The events of a log; a last line that a kill cut short is left out. */
export function readEvents(file: string): TrainingEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [parseFigures<TrainingEvent>(line)];
      } catch {
        return [];
      }
    });
}

/**
 * Writes every event to a file at once. A resumed training goes on from a checkpoint: what an interrupted one did after
 * that checkpoint will be done again, and leaves the log.
 */
export function eventLog(file: string): (event: TrainingEvent) => void {
  return (event) => {
    if (event.kind === 'start') {
      const kept = readEvents(file).filter((old) => old.step <= event.step);
      writeFileSync(`${file}.tmp`, kept.map(eventLine).join(''));
      renameSync(`${file}.tmp`, file);
    }
    appendFileSync(file, eventLine(event));
  };
}
