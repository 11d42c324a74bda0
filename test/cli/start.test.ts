import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from './command.ts';

const challenge = 'examples/challenge/main.ts';

describe('npm start', () => {
  it('learns pictures, a game and sounds from generated data, and one task more that changes no bit of it', async () => {
    const out = await mkdtemp(join(tmpdir(), 'banyan-challenge-'));
    const { code, stdout, stderr } = await program(challenge, ['--generated', '--steps', '150', '--out', out]);
    expect(stderr).toBe('');
    expect(stdout).toContain('One trunk, 3 tasks, on generated data');
    expect(stdout).toMatch(
      /^ {2}░{20} {3}1\/150 {3}loss: shapes \d\.\d\d {3}space-invaders \d\.\d\d {3}notes \d\.\d\d$/m,
    );
    expect(stdout).toMatch(/^ {2}█{20} 150\/150 /m);
    for (const name of ['shapes', 'notes']) {
      const row = new RegExp(`^ {2}${name} +(\\d+\\.\\d) % +(?:▲ )?(\\d+\\.\\d) % +(\\d+\\.\\d) %$`, 'm').exec(stdout);
      const [joint, linear, majority] = row!.slice(1).map(Number) as [number, number, number];
      // Mel bands over time tell these sounds apart, pixels not these pictures.
      if (name === 'shapes') expect(joint - linear, name).toBeGreaterThanOrEqual(15);
      expect(joint - majority, name).toBeGreaterThanOrEqual(15);
    }
    const [, played, error, random] = /^ {2}space-invaders +(\d+\.\d) ± (\d\.\d) +(\d\.\d)$/m.exec(stdout)!.map(Number);
    expect(random).toBeCloseTo(2.84, 0);
    expect(played! - random!).toBeGreaterThan(4 * error!);
    expect(stdout).toMatch(/^ {2}sentences +\d+\.\d % +▲ 100\.0 % +\d+\.\d %$/m);
    expect(stdout).toContain('  ▲ sentences: the network loses to the linear model.\n');
    expect(stdout).toMatch(
      /^sentences: \d+\.\d %, hearing 64 channels of what was there\. Of 600 outputs of the older tasks 600 are the same to the bit\.$/m,
    );
    expect(code).toBe(0);
    const { rows } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(rows.map(({ task }: { task: string }) => task)).toEqual(['shapes', 'space-invaders', 'notes']);
    const { content } = JSON.parse(await readFile(join(out, 'network/manifest.json'), 'utf8'));
    expect(JSON.stringify(content)).toContain('"sentences"');
  });

  it('tells its options, and in a sentence which one is wrong', async () => {
    const help = await program(challenge, ['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: npm start -- \[options\]\n/);
    const unknown = await program(challenge, ['--foo']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^error: Unknown option '--foo'.*\n\nUsage: npm start/);
    const steps = await program(challenge, ['--steps', '1.5']);
    expect(steps.stderr).toMatch(/^error: --steps: expected a whole number from 1 on, received "1\.5"\.\n/);
    const only = await program(challenge, ['--generated', '--only', 'shape']);
    expect(only).toMatchObject({
      code: 2,
      stderr: 'error: --only: there is no task "shape" here. Expected some of: shapes, space-invaders, notes.\n',
    });
  });

  it('fails where nothing is learned', async () => {
    const out = await mkdtemp(join(tmpdir(), 'banyan-challenge-'));
    const { code, stdout } = await program(challenge, [
      '--generated',
      '--steps',
      '1',
      '--only',
      'shapes',
      '--out',
      out,
    ]);
    expect(stdout).toContain('shapes: no better than chance');
    expect(code).toBe(1);
  });
});
