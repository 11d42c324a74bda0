// Two workers on this machine: all kinds of networks and methods against one process, and a run whose workers are killed again and again.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/plugin.ts';
import { banyan } from '../cli/command.ts';
import type { Ending, Request } from '../cluster/cases-child.ts';
import { clusterOf, start } from '../cluster/workers.ts';
import { temporaryFolder } from '../repository.ts';

const KILLS = Number(process.env.BANYAN_KILLS ?? 50);
const BALANCES: Request['balances'] = [
  ...['equal', 'pcgrad', 'upgrad', 'mgda', 'cagrad', 'nash-mtl', 'imtl-g', 'graddrop', 'moco', 'modo', 'fairgrad'],
  ...['uncertainty', 'dwa', 'gradnorm', 'famo', 'rlw', 'imtl-l', 'gls', 'stch', 'db-mtl', 'excess-mtl'],
  { method: 'mgda', on: 'activations' },
];
/** Added up in another order by four micro-batches in each worker. */
const OTHERWISE = ['accumulation'];

describe('two workers', () => {
  it('end with the bits of one process, whatever the network and the method', async () => {
    const all = { steps: 3, balances: BALANCES };
    const trained = async (request: Request): Promise<Readonly<Record<string, Ending>>> => {
      const { code, stdout, stderr } = await start('test/cluster/cases-child.ts', request, { seconds: 3000 });
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    const clusters = await clusterOf(2, 300);
    const alone = await trained({ ...all, batch: 16, accumulate: 2 });
    const workers = await Promise.all(clusters.map((cluster) => trained({ ...all, cluster, batch: 8, accumulate: 1 })));
    expect(Object.keys(alone).length).toBeGreaterThan(60);
    for (const [name, expected] of Object.entries(alone)) {
      const [first, second] = [workers[0]![name]!, workers[1]![name]!];
      expect(second.digest, name).toBe(first.digest);
      if (OTHERWISE.includes(name)) continue;
      expect(first.losses, name).toEqual(expected.losses);
      // They become the mean of the workers' own.
      const statistics = (weight: string) => weight.includes('running-');
      if (!Object.keys(expected.weights).some(statistics)) expect(first.digest, name).toBe(expected.digest);
      for (const [weight, values] of Object.entries(expected.weights))
        if (!statistics(weight)) expect(first.weights[weight], `${name}: ${weight}`).toEqual(values);
    }
  });
});

describe('a run in two workers', () => {
  it(`whose workers are killed ${KILLS} times ends with the same bits`, async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'experiment.json');
    const training = { steps: 300, batch: 8, checkpoint: { every: 5 } };
    const trunk = { kind: 'dense', width: 16, depth: 1 };
    writeFileSync(file, JSON.stringify({ tasks: { notes: {} }, trunk, training, seed: 1 }));
    const random = new RandomStream(1, 'kills');
    let kills = 0;
    let lines = 0;
    let next = 6 + random.integer(5);
    const train = (name: string, killing: boolean) =>
      banyan(['train', file, '--workers', '2', '--json', '--out', join(folder, name)], (stdout, child) => {
        const seen = stdout.split('\n').filter((line) => line.includes('"kind":"step"')).length;
        if (!killing || kills >= KILLS || seen - lines < next) return;
        lines = seen;
        next = 6 + random.integer(5);
        const pids = execFileSync('pgrep', ['-P', String(child.pid), 'node'], { encoding: 'utf8' })
          .trim()
          .split('\n');
        if (pids.length < 2) return;
        try {
          process.kill(Number(pids[random.integer(2)]), 'SIGKILL');
          kills++;
        } catch {
          // It has lost the other by itself, and is gone already.
        }
      });
    const undisturbed = await train('undisturbed', false);
    expect(undisturbed.code, undisturbed.stderr).toBe(0);
    const killed = await train('killed', true);
    expect(killed.code, killed.stderr).toBe(0);
    expect(kills).toBe(KILLS);
    const digest = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name, 'network', 'weights.safetensors')))
        .digest('hex');
    expect(digest('killed')).toBe(digest('undisturbed'));
  });
});
