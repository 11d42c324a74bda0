import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { PopulationResult } from '../../src/study/search/population/result.ts';
import type { SearchResult } from '../../src/study/search/result.ts';
import { root, temporaryFolder } from '../repository.ts';
import { itWithOptuna } from '../study/search/with-optuna.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const TEXT = `
seed: 1
trunk: { kind: dense, width: 8, depth: 1 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , right: }
training: { steps: 20, batch: 8, threads: 1, evaluateEvery: 10, optimizer: { kind: adam } }
`;

function fileOf(name: string, search: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `${TEXT}search: ${search}\n`);
  return file;
}
const space = 'space: { training.optimizer.learningRate: { log: [1e-4, 1e-1] } }';
const file = fileOf('e', `{ ${space}, trials: 3, seeds: 1 }`);

itWithOptuna('banyan search stops, goes on, writes its page again, and grows by trials', async () => {
  const out = join(folder, 'search');
  let sent = false;
  const stopped = await banyan(['search', file, '--out', out], (text, child) => {
    if (sent || !/^1\/4 /m.test(text)) return;
    sent = true;
    child.kill('SIGTERM');
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(/Interrupted after \d of 4 runs\. Go on with: banyan search .*e\.yaml --out /);
  expect(existsSync(join(out, 'result.json'))).toBe(false);

  const whole = await banyan(['search', file, '--out', out, '--json']);
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(whole.stdout).toBe(readFileSync(join(out, 'result.json'), 'utf8'));
  const result = JSON.parse(whole.stdout) as SearchResult;
  expect(result.trials.map(({ state, steps }) => [state, steps])).toEqual(Array(3).fill(['complete', 20]));

  const [page, more, text] = await banyanEach(
    ['search', file, '--out', out, '--report', '--json'],
    ['search', file, '--out', out, '--trials', '4', '--json'],
    ['search', file, '--report'],
  );
  expect(JSON.parse(page!.stdout)).toEqual(result);
  expect(readFileSync(join(out, 'search.html'), 'utf8')).toContain('parallel coordinates');
  expect((JSON.parse(more!.stdout) as SearchResult).trials).toHaveLength(4);
  expect(text!.stderr).toBe('error: --report expects the folder of a search, received none. Name it by --out.\n');
});

itWithOptuna(
  'banyan search trains a population, goes on after SIGKILL, and says what does not go with one',
  async () => {
    const out = join(folder, 'population');
    const population = fileOf('population', `{ ${space}, objectives: above, population: 3, seeds: 1 }`);
    let sent = false;
    const killed = await banyan(['search', population, '--out', out], (text, child) => {
      if (sent || !/^2\/7 /m.test(text)) return;
      sent = true;
      child.kill('SIGKILL');
    });
    expect(killed.code).toBe(null);
    const { code, stdout } = await banyan(['search', population, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^going on in .*: [2-6] of 7 runs are there$/m);
    expect(stdout).toMatch(/^up to step +member +network of +learningRate +above accuracy$/m);
    expect(stdout).toContain(`pictures are in ${join(out, 'population.html')}`);
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as PopulationResult;
    expect(result.segments.map(({ generation, member }) => `${generation} ${member}`)).toEqual([
      ...['0 0', '0 1', '0 2', '1 0', '1 1', '1 2'],
    ]);
    expect(readdirSync(join(result.winner.folder, 'checkpoints')).sort().at(-1)).toBe('step-00000020');

    // The best network is a run's, and it can be asked.
    const [evaluated, store, report, trials] = await banyanEach(
      ['evaluate', result.winner.folder, '--json'],
      ['search', population, '--store', 'sqlite:///x.db'],
      ['search', population, '--out', out, '--report'],
      ['search', population, '--trials', '3'],
    );
    expect(evaluated!.code).toBe(0);
    expect(evaluated!.stdout).toContain('accuracy');
    expect(store!.stderr).toMatch(/^error: search: a population is kept in its folder, .* expected no --store/);
    expect(report!.stderr).toMatch(
      /^error: search: a population writes its page when it has ended, expected no --report/,
    );
    expect(trials!.stderr).toMatch(/search\.trials must be left out where there is search\.population/);
  },
);

it('banyan search says in a sentence that Optuna is not there, and which keys it cannot search', async () => {
  vi.stubEnv('BANYAN_CACHE', join(folder, 'empty'));
  vi.stubEnv('BANYAN_OPTUNA_PYTHON', undefined);
  const missing = await banyan(['search', file, '--out', join(folder, 'nowhere')]).finally(vi.unstubAllEnvs);
  expect(missing).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error: A search needs Optuna 5.0.0, which is not installed. Install it by `banyan setup --search`, or name a Python that has it in BANYAN_OPTUNA_PYTHON.\n',
  });
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});
