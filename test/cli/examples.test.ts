import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findData } from '../../src/data/index.ts';
import { temporaryFolder } from '../repository.ts';
import { banyan, program } from './command.ts';

const example = (name: string, ...args: string[]) => program(`examples/${name}`, args);

describe('the examples', () => {
  it('smallest.ts: learns both tasks', async () => {
    const { code, stdout, stderr } = await example('smallest.ts');
    // No warning either: a step that cannot be a graph would say so.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const accuracies = [...stdout.matchAll(/accuracy: ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(accuracies).toHaveLength(2);
    for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(0.9);
  });

  it('own-task.ts: reaches its target', async () => {
    const { code, stdout, stderr } = await example('own-task.ts');
    expect(stdout).toMatch(/rmse/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('own-loop.ts: learns both tasks by steps of its own, and says what it sees', async () => {
    const { code, stdout, stderr } = await example('own-loop.ts', '--steps', '150');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"step"'));
    expect(lines).toHaveLength(3);
    const { losses, cosine } = JSON.parse(lines[0]!) as { losses: Record<string, number>; cosine: number };
    expect(Object.keys(losses)).toEqual(['shapes', 'sentences']);
    expect(Math.abs(cosine)).toBeLessThan(1);
  });

  it('my-plugin.yaml: an own plugin beside a built-in task', async () => {
    const out = join(temporaryFolder(), 'run');
    const { code, stderr } = await banyan(['train', 'examples/my-plugin.yaml', '--out', out]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { metrics } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as {
      metrics: Record<string, { accuracy: number }>;
    };
    expect(metrics.stripes!.accuracy).toBeGreaterThan(0.95);
    expect(Object.keys(metrics)).toEqual(['stripes', 'sentences']);
  });

  it('space-invaders.ts: plays, and says how well', async () => {
    const { code, stdout, stderr } = await example('space-invaders.ts', '--marks', '1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { frames, return: score } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
    // In a second of training, of which a busy machine leaves little.
    expect(frames).toBeGreaterThan(0);
    expect(score).toBeGreaterThan(0);
  });

  it.skipIf(findData('audio/gm-notes') === undefined)('music.yaml: nothing is wrong with it', async () => {
    const { code, stdout, stderr } = await banyan(['train', 'examples/music.yaml', '--check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('FAIL');
  });

  const pictures = ['vision/fashion-mnist', 'vision/mnist'].every((folder) => findData(folder) !== undefined);
  it.skipIf(!pictures)('pretrained.ts: begins anew and with what was learned, and fails below its floor', async () => {
    const few = ['--pretraining', '20', '--steps', '10', '--examples', '100', '--batch', '16', '--floor', '0.99'];
    const { code, stdout, stderr } = await example('pretrained.ts', ...few);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ task, beginning }) => [task, beginning])).toEqual([
      ['clothing', undefined],
      ['digits', 'anew'],
      ['digits', 'clothing'],
    ]);
    expect(lines[2]!.accuracy).toBeGreaterThan(lines[1]!.accuracy as number);
    expect(stderr.trim()).toBe(`Below the floor of 0.99: ${lines[2]!.accuracy}`);
    expect(code).toBe(1);
  });

  // A data set is not part of the repository.
  it.skipIf(findData('audio/fsdd') === undefined)('joint.ts: begins at ln(10), and fails below its floor', async () => {
    const { code, stdout, stderr } = await example(
      'joint.ts',
      '--tasks',
      'spoken-digits',
      '--steps',
      '1',
      '--batch',
      '8',
      '--floor',
      '0.99',
    );
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    const last = JSON.parse(lines.at(-1)!) as { losses: Record<string, number> };
    expect(last.losses['spoken-digits']).toBeCloseTo(Math.log(10), 0);
    expect(stderr.trim()).toMatch(/^Below the floor of 0\.99: spoken-digits [\d.]+$/);
    expect(code).toBe(1);
  });
});
