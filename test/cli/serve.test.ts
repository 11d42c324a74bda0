import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const run = join(folder, 'run');

beforeAll(async () => {
  writeFileSync(
    join(folder, 'e.yaml'),
    `trunk: { kind: dense, width: 16, depth: 1 }\nplugins: [${join(root, 'test/cli/fixtures/rows.ts')}]\ntasks: { side: , sum: }\ntraining: { steps: 2, batch: 32 }\n`,
  );
  expect(await banyan(['train', join(folder, 'e.yaml'), '--out', run])).toMatchObject({ code: 0, stderr: '' });
}, 300_000);

/** Writes the same network in the place of a run's. */
function writeAnew(): void {
  const [network, copy, old] = ['network', 'copy', 'old'].map((name) => join(run, name)) as [string, string, string];
  cpSync(network, copy, { recursive: true });
  renameSync(network, old);
  renameSync(copy, network);
  rmSync(old, { recursive: true });
}

it("serves a run until SIGTERM, and the run's next network from when it is written", async () => {
  const asked: unknown[] = [];
  let url: string | undefined;
  let stage = 0;
  const ask = async () => {
    const response = await fetch(`${url}/predict/side`, {
      method: 'POST',
      body: 'x,y\n0.9,-0.5\n',
      headers: { 'content-type': 'text/csv' },
    });
    asked.push({ status: response.status, ...((await response.json()) as object) });
  };
  const served = await banyan(['serve', run, '--port', '0', '--batch', '2', '--tasks', 'side'], (stdout, child) => {
    url ??= /http:\S+\d/.exec(stdout)?.[0];
    if (stage === 0 && url !== undefined) {
      stage = 1;
      void ask().then(writeAnew);
    } else if (stage === 1 && stdout.includes('from now on')) {
      stage = 2;
      void ask().then(() => child.kill('SIGTERM'));
    }
  });
  expect(served).toEqual({
    code: 0,
    stderr: '',
    stdout: `Serving at ${url}: open it for the tasks and how to ask them. Ctrl-C ends.\n${join(run, 'network')} is served from now on.\n`,
  });
  const answer = (version: string) => ({
    status: 200,
    task: 'side',
    version,
    predictions: [expect.objectContaining({ label: expect.any(String) })],
  });
  expect(asked).toEqual([answer('1'), answer('2')]);

  const [two, none] = [await banyan(['serve', run, run]), await banyan(['serve', join(folder, 'none')])];
  expect([two.code, two.stderr]).toEqual([
    1,
    `error: serve: received ${run}, ${run}, expected a name of its own for each of several runs. Write NAME=DIR.\n`,
  ]);
  expect([none.code, none.stderr]).toEqual([
    1,
    `error: ${join(folder, 'none')} holds no run: expected a folder with experiment.json, made by \`banyan train\`. Check the path.\n`,
  ]);
}, 300_000);
