// The packages come from a folder, by pip itself; nothing is asked of a network.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findSideCar } from '../../../../src/runtime/install/side-car/find.ts';
import { installSideCar } from '../../../../src/runtime/install/side-car/install.ts';
import { OPTUNA } from '../../../../src/runtime/install/side-car/optuna.ts';
import { findPython } from '../../../../src/runtime/install/side-car/python.ts';
import type { SideCar } from '../../../../src/runtime/install/side-car/side-car.ts';
import { TFLITE } from '../../../../src/runtime/install/side-car/tflite.ts';
import { temporaryFolder } from '../../../repository.ts';

const asked = spawnSync('python3', ['-c', 'import sys, pip; print(sys.version_info[1])'], { encoding: 'utf8' });
const folder = temporaryFolder();
const silent = { begin() {}, advance() {}, end() {}, say() {} };

// A wheel is an archive with the module and two files that describe it (packaging.python.org, binary distribution format).
const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('answer.py', 'VALUE = 42\\n')
    wheel.writestr('answer-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: answer\\nVersion: 1.0\\n')
    wheel.writestr('answer-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('answer-1.0.dist-info/RECORD', '')
`;

describe.skipIf(asked.status !== 0 || process.platform !== 'linux')('a side-car', { timeout: 60_000 }, () => {
  let sideCar: SideCar;
  beforeAll(() => {
    const wheel = join(folder, 'answer-1.0-py3-none-any.whl');
    execFileSync('python3', ['-c', WHEEL, wheel]);
    const sha256 = createHash('sha256').update(readFileSync(wheel)).digest('hex');
    const packages = [{ package: 'answer', version: '1.0', sha256: [sha256] }];
    sideCar = { name: 'answers', what: 'The program of answers', pythons: [Number(asked.stdout)], packages };
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', folder);
  });
  afterAll(() => void vi.unstubAllEnvs());

  it('is installed once, and runs with its packages alone', async () => {
    const cache = join(folder, 'cache');
    expect(findSideCar(sideCar, cache)).toBeUndefined();
    const first = await installSideCar(sideCar, { cache, progress: silent });
    expect(first.made).toBe(true);
    expect(await installSideCar(sideCar, { cache, progress: silent })).toEqual({ ...first, made: false, seconds: 0 });
    const { command, args, env } = findSideCar(sideCar, cache)!;
    const program = 'import answer\ntry:\n import pip\nexcept ImportError: print(answer.VALUE)';
    expect(execFileSync(command, [...args, '-c', program], { env, encoding: 'utf8' })).toBe('42\n');
    // Other pins are another folder; a Python that has gone makes it as if it were not there.
    const other = { ...sideCar, packages: [{ ...sideCar.packages[0]!, version: '2.0' }] };
    expect(findSideCar(other, cache)).toBeUndefined();
    const manifest = join(first.folder, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(command, '/nowhere/python3'));
    expect(findSideCar(sideCar, cache)).toBeUndefined();
    expect((await installSideCar(sideCar, { cache, progress: silent })).made).toBe(true);
    rmSync(cache, { recursive: true });
  });

  it('leaves nothing behind where a package is another one', async () => {
    const cache = join(folder, 'other');
    const other = { ...sideCar, packages: [{ ...sideCar.packages[0]!, sha256: ['0'.repeat(64)] }] };
    await expect(installSideCar(other, { cache, progress: silent })).rejects.toThrow(
      /^The set-up of The program of answers in .*other failed: .*Check the network and the settings of pip \(`python3 -m pip config list`\), and run `banyan setup --answers` again\.$/s,
    );
    expect(readdirSync(cache)).toEqual(['lock']);
  });

  it('needs a Python that its packages are there for', async () => {
    const cache = join(folder, 'none');
    await expect(installSideCar({ ...sideCar, pythons: [2] }, { cache, progress: silent })).rejects.toThrow(
      /^The program of answers cannot be set up: expected Python 3\.2 with pip, and python3 is 3\.\d+\. On Debian or Ubuntu `apt-get install python3 python3-pip` brings it; run `banyan setup --answers` then\.$/,
    );
    expect(existsSync(cache)).toBe(false);
    await expect(findPython(sideCar)).resolves.toMatch(/^\/.*python3/);
  });
});

it.each([
  [TFLITE, ['tensorflow-cpu', 'ai-edge-litert', 'numpy']],
  [OPTUNA, ['optuna', 'scikit-learn', 'cmaes']],
])('the pins of $name are whole: a package once, a digest or one for each Python', ({ packages, pythons }, some) => {
  const names = packages.map(({ package: name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(some));
  for (const { sha256 } of packages) {
    expect([1, pythons.length]).toContain(sha256.length);
    for (const digest of sha256) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  }
});
