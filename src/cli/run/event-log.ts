import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileError } from '../../file-error.ts';
import { eventLine } from '../../report/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { parseFigures } from './figures.ts';

/** The events of a log; a last line that a kill cut short is left out. */
export function readEvents(file: string): TrainingEvent[] {
  if (!existsSync(file)) return [];
  return tried(file, 'read', () => readFileSync(file, 'utf8'))
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
      tried(file, 'written', () => {
        writeFileSync(`${file}.tmp`, kept.map(eventLine).join(''));
        renameSync(`${file}.tmp`, file);
      });
    }
    tried(file, 'written', () => appendFileSync(file, eventLine(event)));
  };
}

function tried<T>(file: string, done: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw fileError('experiment', file, done, cause);
  }
}
