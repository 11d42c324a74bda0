import { expect, it } from 'vitest';
import { SafetyNote } from '../../../src/study/run/safety-note.ts';
import type { StepEvent, TrainingEvent } from '../../../src/train/index.ts';

const start = (step: number): TrainingEvent => ({ kind: 'start', step, steps: 900, tasks: ['a'] });
const step = (at: number) => ({ kind: 'step', step: at }) as StepEvent;
const saved = (at: number): TrainingEvent => ({ kind: 'checkpoint', step: at, path: `step-${at}` });
const after = (saves: boolean, ...events: TrainingEvent[]) => {
  const note = new SafetyNote('runs/a', saves);
  for (const event of events) note.see(event);
  return note;
};

it('says what is safe, what would be lost, and how to go on', () => {
  const note = after(true, start(0), step(1), step(2), saved(2), step(3), step(4), step(5));
  expect(note.text).toBe('Safe is the checkpoint of step 2 in runs/a/checkpoints. Go on with: banyan resume runs/a');
  expect(note.ending).toBe(
    'Ending after step 6 at the latest, saving into runs/a/checkpoints … Once more ends it at once.',
  );
  expect(note.lost).toBe(
    'Ended at once: the 3 steps since the checkpoint of step 2 are lost. Go on with: banyan resume runs/a',
  );
  note.see(saved(5));
  expect(note.lost).toBe(
    'Ended. Safe is the checkpoint of step 5 in runs/a/checkpoints. Go on with: banyan resume runs/a',
  );
});

it('begins where a resumed run begins', () => {
  const note = after(true, start(300), step(301));
  expect(note.text).toContain('Safe is the checkpoint of step 300');
  expect(note.lost).toContain('the step since the checkpoint of step 300 is lost.');
});

it('knows of runs without checkpoints', () => {
  const [early, off] = [after(true, start(0), step(1), step(2)), after(false, start(0), step(1), step(2))];
  expect(early.text).toBe('There is no checkpoint yet: it begins anew. Go on with: banyan resume runs/a');
  expect(early.lost).toBe('Ended at once: the 2 steps are lost. Go on with: banyan resume runs/a');
  expect(off.text).toBe('Its checkpoints are turned off: it begins anew. Go on with: banyan resume runs/a');
  expect(off.ending).toBe(
    'Ending after step 3 at the latest, saving nothing, since its checkpoints are turned off … Once more ends it at once.',
  );
});
