import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const experiment = {
  tasks: { notes: {} },
  trunk: { kind: 'dense', width: 8, depth: 1 },
  training: { steps: 12, batch: 8, checkpoint: { every: 3 } },
  seed: 1,
};

const networkOf = (pid: string) => readlinkSync(`/proc/${pid}/ns/net`);

describe('banyan train --workers', () => {
  it('goes on from the last checkpoint where a worker was killed, to its end', async () => {
    const folder = temporaryFolder();
    const [file, out] = [join(folder, 'experiment.json'), join(folder, 'run')];
    writeFileSync(file, JSON.stringify(experiment));
    let [killed, isolated] = [false, false];
    const { code, stderr } = await banyan(
      ['train', file, '--workers', '2', '--json', '--out', out],
      (stdout, child) => {
        if (killed || !stdout.includes('"kind":"checkpoint"')) return;
        killed = true;
        const pids = execFileSync('pgrep', ['-P', String(child.pid), 'node'], { encoding: 'utf8' })
          .trim()
          .split('\n');
        isolated = networkOf(pids.at(-1)!) !== networkOf('self');
        process.kill(Number(pids.at(-1)), 'SIGKILL');
      },
    );
    expect(code, stderr).toBe(0);
    // In a network that nothing else reaches, or it says that they are not.
    expect(stderr.includes('The workers use the network of this machine')).toBe(!isolated);
    expect(stderr).toContain(
      'worker 1 was ended by SIGKILL. All are started again, and go on from the last checkpoint.',
    );
    const events = readFileSync(join(out, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ kind }) => kind === 'step').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toMatchObject({ steps: 12 });
  });

  it('lets workers update by themselves, and save where their weights are one; alone it is a warning', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'experiment.yaml');
    writeFileSync(
      file,
      'tasks: { notes: {} }\ntrunk: { kind: dense, width: 8, depth: 1 }\n' +
        'training: { steps: 10, batch: 8, synchronizeEvery: 4, checkpoint: { every: 3 } }\n',
    );
    const [workers, alone] = await Promise.all([
      banyan(['train', file, '--workers', '2', '--json', '--out', join(folder, 'workers')]),
      banyan(['train', file, '--json', '--out', join(folder, 'alone')]),
    ]);
    const savedBy = ({ code, stdout, stderr }: typeof alone): number[] => {
      expect(code, stderr).toBe(0);
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return events.filter(({ kind }) => kind === 'checkpoint').map(({ step }) => step);
    };
    const warning = 'train: synchronizeEvery 4 is for several processes, and this one trains alone: it has no effect.';
    expect(savedBy(workers)).toEqual([4, 8, 10]);
    expect(workers.stderr).not.toContain(warning);
    expect(savedBy(alone)).toEqual([3, 6, 9, 10]);
    expect(alone.stderr.split(warning)).toHaveLength(2);
  });

  it('does not go with what is done in one process', async () => {
    const file = join(temporaryFolder(), 'experiment.json');
    writeFileSync(file, JSON.stringify(experiment));
    const { code, stderr } = await banyan(['train', file, '--workers', '2', '--check']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: --workers starts the workers of a training, expected it without --check.');
  });

  it('is not forgotten by commands that train in one process', async () => {
    const TF_CONFIG = JSON.stringify({ cluster: { worker: ['a:1', 'b:1'] }, task: { type: 'worker', index: 0 } });
    vi.stubEnv('TF_CONFIG', TF_CONFIG);
    const file = join(temporaryFolder(), 'experiment.json');
    writeFileSync(file, JSON.stringify(experiment));
    const outcomes = await Promise.all(['compare', 'search', 'transfer'].map((command) => banyan([command, file])));
    vi.unstubAllEnvs();
    for (const { code, stderr } of outcomes) {
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: banyan \w+ works in one process, and TF_CONFIG names 2: expected `banyan train EXPERIMENT`/,
      );
    }
  });
});
