import type { Status, TrainingLog } from '../training-log.ts';
import { byId } from './element.ts';
import { count, percent, span } from './words.ts';

const WORDS: Record<Status, string> = {
  waiting: 'not started yet',
  running: '● training',
  done: '✓ finished',
  stopped: '■ stopped',
  failed: '✗ failed',
};

/** `lost`: the server does not answer; `left`: it went while the training ran on. */
export type Line = 'fine' | 'lost' | 'left';

/** Writes the page's head: what it is, and how it stands. */
export function showStatus(log: TrainingLog, line: Line): void {
  const { title, status, message, first, step, steps, seconds, building, best } = log;
  const share = steps === 0 ? 0 : step / steps;
  byId('title').textContent = title;
  document.title = status === 'running' ? `${percent(share)} ${title}` : title;
  const words = {
    fine: message === undefined ? WORDS[status] : `${WORDS[status]}: ${message}`,
    lost: '✗ connection lost, trying again',
    left: 'no longer watched',
  }[line];
  const where = byId('status');
  // It is read aloud when it changes.
  if (where.textContent !== words) where.textContent = words;
  where.dataset.status = line === 'fine' ? status : line;
  byId<HTMLProgressElement>('progress').value = share;
  const done = step - first;
  const rest = ((seconds - building) / (done - 1)) * (steps - step);
  const left = status === 'running' && done > 1 ? `, ${span(rest)} left` : '';
  const pace = done <= 0 ? '' : ` in ${span(seconds)} of training${left}`;
  const chosen = best === undefined ? '' : `; best at step ${count(best)}`;
  byId('pace').textContent = steps === 0 ? '' : `step ${count(step)} of ${count(steps)}${pace}${chosen}`;
}
