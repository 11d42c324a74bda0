import { describe, expect, it } from 'vitest';
import { program } from './command.ts';

describe('npm start', () => {
  it('leaves the linear model at least 15 points behind on each generated task', async () => {
    const { code, stdout, stderr } = await program('examples/start.ts', ['--generated', '--steps', '300']);
    expect(stderr).toBe('');
    expect(stdout).toContain('One trunk, 3 tasks, on generated data');
    expect(stdout).toMatch(/^ {2}░{20} {3}1\/300 {3}loss: shapes \d\.\d\d {3}notes \d\.\d\d {3}sentences \d\.\d\d$/m);
    expect(stdout).toMatch(/^ {2}█{20} 300\/300 /m);
    for (const name of ['shapes', 'notes', 'sentences']) {
      const row = new RegExp(`^ {2}${name} +(\\d+\\.\\d) % +(\\d+\\.\\d) % +(\\d+\\.\\d) %$`, 'm').exec(stdout);
      const [joint, linear, majority] = row!.slice(1).map(Number) as [number, number, number];
      expect(joint - linear, name).toBeGreaterThanOrEqual(15);
      expect(joint - majority, name).toBeGreaterThanOrEqual(15);
    }
    expect(code).toBe(0);
  });

  it('fails where nothing is learned', async () => {
    const { code, stdout } = await program('examples/start.ts', ['--generated', '--steps', '1']);
    expect(stdout).toContain('no better than the most frequent class');
    expect(code).toBe(1);
  });
});
