import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child } from './fake-toolchain.ts';

/** Without a set-up cache and without tools: what a bare machine has. */
describe('doctor without TensorFlow', { timeout: 60_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-doctor-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const doctor = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    child(['src/cli/banyan.ts', 'doctor', ...args], {
      PATH: folder,
      BANYAN_CACHE: join(folder, 'cache'),
      ...env,
    });

  it('computes in JavaScript, says why, and is silent otherwise', async () => {
    const { code, out, err } = await doctor(['--json']);
    expect(err).toBe('');
    expect(code).toBe(0);
    const { reasons, device, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ ok: true, backend: 'cpu', tensorflow: null, gpu: false, compiled: false });
    expect(device).toMatch(/^CPU \(/);
    expect(reasons).toContain(
      'The pure JavaScript backend does the work, many times slower; `npx banyan setup` sets up TensorFlow.',
    );
    if (process.platform === 'linux' && process.arch === 'x64')
      expect(reasons).toContain(
        'TensorFlow cannot be set up because Python 3 and g++ are missing; ' +
          'on Debian or Ubuntu `apt-get install python3 python3-pip g++` brings them.',
      );
  });

  it('fails with the mend when TensorFlow is required', async () => {
    const { code, out } = await doctor(['--require', 'tensorflow']);
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {9}false$/m);
    expect(out.trim()).toMatch(
      /- TensorFlow is required and not there: received the cpu backend on CPU \(.*\)\. Run `banyan setup`\.$/,
    );
  });

  it('fails when a GPU is required', async () => {
    const { code, out } = await doctor(['--require', 'gpu', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out).reasons.at(-1)).toMatch(/^A GPU is required and not there: .* Run `banyan setup --gpu` /);
  });

  it('does not pass over a folder that BANYAN_TENSORFLOW names', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'manifest.json'), JSON.stringify({ files: [{ path: 'lib', size: 1 }] }));
    const { code, out } = await doctor(['--json'], { BANYAN_TENSORFLOW: broken });
    expect(code).toBe(1);
    const { ok, backend, reasons } = JSON.parse(out);
    expect({ ok, backend }).toEqual({ ok: false, backend: null });
    expect(reasons).toEqual([
      'BANYAN_TENSORFLOW names a folder that cannot be used: expected one made by `banyan setup`, ' +
        `received ${broken}, and lib is missing. Unset it, or set it to such a folder.`,
    ]);
  });

  it.each([
    ['BANYAN_KERNELS', 'avx513', 'expected one of off, amx, avx512, avx2. Set it to one of them, or unset it.'],
    [
      'BANYAN_CACHE',
      import.meta.filename,
      `expected a folder that can be read, or none yet, received ENOTDIR: not a directory, scandir '${import.meta.filename}'. Set it to the folder for \`banyan setup\`, or unset it.`,
    ],
  ])('does not pass over what %s means', async (name, word, expected) => {
    const { code, out } = await doctor(['--json'], { [name]: word });
    expect(code).toBe(1);
    const shown = name === 'BANYAN_KERNELS' ? `"${word}"` : word;
    expect(JSON.parse(out).reasons).toEqual([`${name} is set to ${shown}, ${expected}`]);
  });

  it('knows two requirements', async () => {
    const { code, err } = await doctor(['--require', 'quantum']);
    expect(code).toBe(2);
    expect(err.trim()).toBe(
      "error: option '--require <what>' argument 'quantum' is invalid. Allowed choices are tensorflow, gpu.\nSee `banyan --help`.",
    );
  });
});
