import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { concat, of, throwError } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { csvLogger, type LoggedTraining, logTraining } from '../../../src/report/index.ts';
import type { TrainingEvent } from '../../../src/train/index.ts';
import { temporaryFolder } from '../../repository.ts';
import { AVERAGED_EVENTS, EVENTS } from '../events.ts';

const root = temporaryFolder();
let count = 0;
const freshFolder = () => join(root, `run-${++count}`);
const network = undefined as unknown as LoggedTraining['network'];

const rowsOf = (folder: string, name: string): Record<string, string>[] =>
  parse(readFileSync(join(folder, name)), { columns: true });

async function log(folder: string, events: readonly TrainingEvent[]): Promise<void> {
  await logTraining(of(...events), network, { loggers: [csvLogger()], folder }).close();
}

afterEach(() => void vi.restoreAllMocks());

describe('the log in tables', () => {
  it('has a row for each step, and one for each evaluation', async () => {
    const folder = freshFolder();
    await log(folder, EVENTS);
    expect(rowsOf(folder, 'steps.csv')[1]).toEqual({
      step: '2',
      milliseconds: '110',
      learningRate: '0.001',
      gradientNorm: '1.5',
      'loss.shapes': '1',
      'loss.long-name': '2',
      'labelled.shapes': '8',
      'labelled.long-name': '4',
    });
    expect(rowsOf(folder, 'steps.csv').map(({ step }) => step)).toEqual(['1', '2', '3']);
    expect(rowsOf(folder, 'evaluations.csv')).toEqual([
      {
        step: '2',
        milliseconds: '40',
        'shapes.accuracy': '0.75',
        'shapes.loss': '0.9',
        'long-name.rmse': '0.5',
        'long-name.loss': '0.25',
      },
    ]);
  });

  it('goes on after the step from which the training does, in the same columns', async () => {
    const [whole, parts] = [freshFolder(), freshFolder()];
    await log(whole, EVENTS);
    await log(parts, EVENTS.slice(0, 5));
    // Killed within a row, after steps that no checkpoint has.
    appendFileSync(join(parts, 'steps.csv'), '3,120,0.001,1.5,0.5,1,8,4\n4,12');
    await log(parts, [{ ...EVENTS[0]!, step: 2 } as TrainingEvent, ...EVENTS.slice(5)]);
    for (const name of ['steps.csv', 'evaluations.csv'])
      expect(readFileSync(join(parts, name), 'utf8')).toBe(readFileSync(join(whole, name), 'utf8'));
    await log(parts, EVENTS);
    expect(readFileSync(join(parts, 'steps.csv'), 'utf8')).toBe(readFileSync(join(whole, 'steps.csv'), 'utf8'));
  });

  it('begins anew with a new training, in the columns of that', async () => {
    const [folder, fresh] = [freshFolder(), freshFolder()];
    const before = { ...EVENTS[1]!, losses: { old: 1 }, labelled: { old: 1 } } as TrainingEvent;
    await log(folder, [{ kind: 'start', step: 0, steps: 3, tasks: ['old'] }, before]);
    for (const place of [folder, fresh]) await log(place, EVENTS);
    expect(readFileSync(join(folder, 'steps.csv'), 'utf8')).toBe(readFileSync(join(fresh, 'steps.csv'), 'utf8'));
  });

  it('has metrics of averaged weights too, from when there are some', async () => {
    const folder = freshFolder();
    const first = EVENTS[3]!;
    const second = { ...AVERAGED_EVENTS[3]!, step: 3 } as TrainingEvent;
    await log(folder, [EVENTS[0]!, first, second]);
    await log(folder, [{ ...EVENTS[0]!, step: 3 } as TrainingEvent, { ...second, step: 4 } as TrainingEvent]);
    const rows = rowsOf(folder, 'evaluations.csv');
    expect(rows.map((row) => [row.step, row['shapes.accuracy'], row['shapes.accuracy-averaged']])).toEqual([
      ['2', '0.75', ''],
      ['3', '0.75', '0.8'],
      ['4', '0.75', '0.8'],
    ]);
  });

  it('leaves a cell empty for a task that a step says nothing of, and keeps names with commas', async () => {
    const folder = freshFolder();
    const names = ['a,b', 'say "c"'];
    const event = { ...EVENTS[1]!, losses: { 'a,b': 1 }, labelled: { 'a,b': 1, 'say "c"': 0 } } as TrainingEvent;
    const weighed = { ...event, step: 2, balance: { weights: { 'a,b': 0.5 } } } as TrainingEvent;
    await log(folder, [{ kind: 'start', step: 0, steps: 3, tasks: names }, event]);
    await log(folder, [{ kind: 'start', step: 1, steps: 3, tasks: names }, weighed]);
    const rows = rowsOf(folder, 'steps.csv');
    expect(rows.length).toBe(2);
    expect(rows[1]).toMatchObject({ 'loss.a,b': '1', 'loss.say "c"': '', 'labelled.say "c"': '0' });
  });

  it('warns once where it cannot be written, and writes what was kept as soon as it can', async () => {
    const folder = freshFolder();
    writeFileSync(folder, 'in the way');
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const writer = csvLogger().open({ network, folder, name: '', settings: {} });
    for (const event of EVENTS.slice(0, 3)) writer.write(event);
    expect(warn.mock.calls.map(([text]) => String(text).replace(/ [\d.]+ MB are left on its device\./, ''))).toEqual([
      expect.stringMatching(
        /steps\.csv cannot be written: .*The training goes on; its rows are kept, and written as soon/,
      ),
      expect.stringMatching(/evaluations\.csv cannot be written: /),
    ]);
    rmSync(folder);
    mkdirSync(folder);
    for (const event of EVENTS.slice(3)) writer.write(event);
    expect(rowsOf(folder, 'steps.csv').map(({ step }) => step)).toEqual(['1', '2', '3']);
    expect(rowsOf(folder, 'evaluations.csv').length).toBe(1);
  });

  it('leaves the failure of a training to others', async () => {
    const folder = freshFolder();
    const failing = concat(
      of(...EVENTS.slice(0, 2)),
      throwError(() => new Error('diverged')),
    );
    await logTraining(failing, network, { loggers: [csvLogger()], folder }).close();
    expect(rowsOf(folder, 'steps.csv').length).toBe(1);
  });
});
