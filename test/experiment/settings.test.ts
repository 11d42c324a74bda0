import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changeExperiment, loadExperiment } from '../../src/experiment/load.ts';
import type { Settings } from '../../src/experiment/settings.ts';
import { temporaryFolder } from '../repository.ts';

const FILE = join(temporaryFolder(), 'e.yaml');
const TEXT = `seed: 1
trunk: { kind: dense, width: 4, depth: 1 }
tasks: { above: , right: { weight: 2 } }
training:
  epochs: 3
  seed: 7
  batch: { above: 4, right: 8 }
`;
writeFileSync(FILE, TEXT);

const checked = async (settings: Settings) => (await loadExperiment(FILE, settings)).experiment;
const messageOf = (settings: Settings) =>
  loadExperiment(FILE, settings).then(
    () => 'no error',
    (error: Error) => error.message.replaceAll(FILE, 'FILE'),
  );

describe('values that are set in an experiment', () => {
  it('take the place of what the file says, or of nothing', async () => {
    const before = await checked({});
    const { tasks, training, ...rest } = await checked({
      'training.batch': 2,
      'training.checkpoint.every': 5,
      'tasks.above.weight': 0.5,
    });
    expect(training).toEqual({ ...before.training, batch: 2, checkpoint: { every: 5 } });
    expect(tasks).toEqual({ above: { weight: 0.5 }, right: { weight: 2 } });
    expect(rest).toEqual({ ...before, tasks: undefined, training: undefined });
  });

  it('leave out what says the same in another way', async () => {
    expect((await checked({ 'training.steps': 9 })).training).toEqual({
      steps: 9,
      seed: 7,
      batch: { above: 4, right: 8 },
    });
    expect(await checked({ seed: 5 })).toMatchObject({ seed: 5, training: { epochs: 3 } });
    expect((await checked({ seed: 5 })).training).not.toHaveProperty('seed');
    expect(await checked({ 'training.seed': 6, seed: 5 })).toMatchObject({ seed: 5, training: { seed: 6 } });
  });

  it('may be wrong, and are then told by their places', async () => {
    expect(await messageOf({ 'training.bach': 1 })).toMatch(
      /^FILE, --set training\.bach: training\.bach is no key of an experiment\. .* Did you mean "batch"\?$/,
    );
    expect(await messageOf({ 'training.batch.above': 0 })).toBe(
      'FILE, --set training.batch.above: training.batch.above must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(await messageOf({ 'training.average': { kind: 'exponential', decay: 1 } })).toBe(
      'FILE, --set training.average: training.average.decay must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
    expect(await messageOf({ 'training.average': 'stochastc' })).toBe(
      'FILE, --set training.average: training.average must be one of "checkpoints", "exponential", "stochastic", or a section with kind, received "stochastc". Did you mean "stochastic"?',
    );
    // What is around it keeps its line.
    expect(await messageOf({ 'training.steps': 5, 'training.epochs': 2 })).toBe(
      'FILE, --set training.epochs: training.epochs must be left out where training.steps is given, received 2. Remove it.',
    );
    expect(await messageOf({ 'training.clip': 'high', 'trunk.depth': 1 })).toMatch(/^FILE, --set training\.clip: /);
  });

  it('cannot be inside of what is no section', async () => {
    expect(await messageOf({ 'trunk.width.more': 1 })).toBe(
      'FILE, --set trunk.width.more: trunk.width is 4, expected a section, in which a key can be set. Set trunk.width as a whole.',
    );
    expect(await messageOf({ plugins: ['./a.ts'], 'plugins.0': './b.ts' })).toBe(
      'FILE, --set plugins.0: plugins is ["./a.ts"], expected a section, in which a key can be set. Set plugins as a whole.',
    );
  });

  it('can be set in an experiment that was checked', async () => {
    const loaded = await loadExperiment(FILE);
    const changed = changeExperiment(loaded, { 'training.steps': 2, name: 'other' });
    expect(changed.experiment).toMatchObject({ name: 'other', seed: 1, training: { steps: 2, seed: 7 } });
    expect(changed.place(['trunk'])).toBe(`${FILE}, line 2`);
    expect(() => changeExperiment(loaded, { base: 3 })).toThrow('--set base: base must be a text');
  });
});
