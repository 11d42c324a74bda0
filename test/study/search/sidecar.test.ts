import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sidecar } from '../../../src/study/search/optuna/sidecar.ts';
import { temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();

/** A program in the place of Python, which does what no Optuna should. */
function faulty(name: string, script: string): Sidecar {
  const command = join(folder, name);
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return new Sidecar({ command, args: [], env: process.env });
}

describe('the side-car', () => {
  it('answers in order, and tells an error of Optuna as one', async () => {
    const sidecar = faulty(
      'echo',
      'read a; read b; read c; echo \'{"answer": 1}\'; echo \'{"error": "ValueError: no"}\'; echo \'{"answer": null}\'; cat >/dev/null',
    );
    const [first, second, third] = await Promise.allSettled([sidecar.ask('a'), sidecar.ask('b'), sidecar.ask('c')]);
    expect(first).toEqual({ status: 'fulfilled', value: 1 });
    expect(second).toMatchObject({
      reason: { code: 'runtime', message: expect.stringContaining('Optuna answers: ValueError: no.') },
    });
    expect(third).toEqual({ status: 'fulfilled', value: null });
    await sidecar.close();
  });

  it.each([
    [
      'dies',
      'read a; echo "ModuleNotFoundError: No module named optuna" >&2; exit 3',
      'it ended with code 3: ModuleNotFoundError: No module named optuna',
    ],
    ['is killed', 'read a; kill -9 $$', 'it ended with SIGKILL'],
    ['babbles', 'read a; echo hello; cat >/dev/null', 'it wrote "hello", expected a line of JSON'],
  ])('fails all questions when it %s', async (name, script, why) => {
    const sidecar = faulty(name.replace(' ', '-'), script);
    const questions = await Promise.allSettled([sidecar.ask('a'), sidecar.ask('b')]);
    for (const question of questions) {
      expect(question).toMatchObject({
        reason: { code: 'runtime', message: expect.stringContaining(`Optuna's process does not work: ${why}`) },
      });
    }
    await expect(sidecar.ask('later')).rejects.toThrow(why);
    await sidecar.close();
  });

  it('says when there is no such Python', async () => {
    const sidecar = new Sidecar({ command: join(folder, 'missing'), args: [], env: process.env });
    await expect(sidecar.ask('a')).rejects.toThrow(/it could not be started \(spawn .*missing ENOENT\)/);
    await sidecar.close();
  });
});
