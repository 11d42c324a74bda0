import { describe, expect, it } from 'vitest';
import { program } from './command.ts';

describe('npm start', () => {
  it('trains on generated data and compares with the baselines', async () => {
    const { code, stdout, stderr } = await program('examples/start.ts', ['--generated', '--steps', '60']);
    expect(stderr).toBe('');
    expect(stdout).toContain('One trunk, 3 tasks, on generated data');
    expect(stdout).toMatch(/^ {2}░{20} {2}1\/60 {3}loss: shapes \d\.\d\d {3}notes \d\.\d\d {3}sentences \d\.\d\d$/m);
    expect(stdout).toMatch(/^ {2}█{20} 60\/60 /m);
    for (const name of ['shapes', 'notes', 'sentences']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}(?: +\\d+\\.\\d %){3}$`, 'm'));
    }
    expect(code).toBe(0);
  });

  it('fails where nothing is learned', async () => {
    const { code, stdout } = await program('examples/start.ts', ['--generated', '--steps', '1']);
    expect(stdout).toContain('no better than the most frequent class');
    expect(code).toBe(1);
  });
});
