import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { doctor, startRuntime } from '../../src/runtime/index.ts';
import { installFolder } from '../../src/runtime/install/setup/cache.ts';
import { readManifest } from '../../src/runtime/install/setup/manifest.ts';
import { CPU } from '../../src/runtime/install/setup/wheels.ts';
import { nodeBackend } from '../../src/runtime/tfjs-node/backend.ts';
import { child } from './install/fake-toolchain.ts';

const folder = installFolder(CPU);

// A machine without TensorFlow cannot show this; with CI=true there is none such (test/setup/native.ts).
describe.skipIf(typeof readManifest(folder) === 'string')('runtime on TensorFlow', () => {
  beforeAll(() => startRuntime());

  it('is one for all callers, on the tfjs that users import', async () => {
    const [first, second] = await Promise.all([startRuntime(), startRuntime({ require: 'tensorflow' })]);
    expect(second).toBe(first);
    expect(first).toMatchObject({ backend: 'tensorflow', tensorflow: '2.21.0', compiled: true });
    expect(tf.getBackend()).toBe('tensorflow');
    const { binding } = nodeBackend();
    expect(binding.TF_Version).toBe('2.21.0');
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBe(String(first.threads));
    expect(process.env.TF_NUM_INTEROP_THREADS).toBe(String(first.threads));
  });

  it('refuses another number of threads', async () => {
    const { threads } = await startRuntime();
    await expect(startRuntime({ threads })).resolves.toBeDefined();
    await expect(startRuntime({ threads: threads + 1 })).rejects.toMatchObject({
      code: 'runtime',
      message:
        `The process already runs with ${threads} threads: expected the same number, received ${threads + 1}. ` +
        'Set the number at the first start, or start another process.',
    });
    await expect(startRuntime({ threads: 0.5 })).rejects.toThrow(
      'startRuntime: threads must be a whole number >= 1, received 0.5.',
    );
  });

  it('insists on a GPU where one is required, and goes on where it has none', async () => {
    const { gpu } = await startRuntime();
    const insisting = startRuntime({ require: 'gpu' });
    if (gpu) await insisting;
    else await expect(insisting).rejects.toThrow(/A GPU is required and not there: .* Run `banyan setup --gpu` on a/);
    await expect(startRuntime()).resolves.toMatchObject({ backend: 'tensorflow' });
  });

  it('computes what is known', async () => {
    const before = tf.memory().numTensors;
    const { ok, reasons } = await doctor({ require: 'tensorflow' });
    expect(reasons.filter((reason) => /wrong/.test(reason))).toEqual([]);
    expect(ok).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says nothing on either stream of its own accord', async () => {
    const { code, out, err } = await child(['src/cli/banyan.ts', 'doctor', '--json'], {
      ...process.env,
      BANYAN_TENSORFLOW: folder,
      TF_CPP_MIN_LOG_LEVEL: undefined,
      NODE_OPTIONS: undefined,
    });
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, backend: 'tensorflow' });
  });

  it('shares the installed tfjs with a package in the cache, which has a tfjs of its own', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'banyan-package-'));
    try {
      const modules = join(cache, 'node_modules');
      const own = join(import.meta.dirname, '../../node_modules');
      mkdirSync(join(modules, '@tensorflow'), { recursive: true });
      cpSync(join(own, '@tensorflow/tfjs-node-gpu'), join(modules, '@tensorflow/tfjs-node-gpu'), { recursive: true });
      for (const name of readdirSync(own))
        if (!name.startsWith('.') && name !== '@tensorflow') symlinkSync(join(own, name), join(modules, name));
      for (const name of ['tfjs', 'tfjs-core']) {
        mkdirSync(join(modules, '@tensorflow', name, 'dist'), { recursive: true });
        writeFileSync(join(modules, '@tensorflow', name, 'index.js'), 'throw new Error("another tfjs");');
      }
      const program = join(import.meta.dirname, 'install/load-child.ts');
      const args = [program, join(modules, '@tensorflow/tfjs-node-gpu'), join(folder, 'lib/napi-v8/tfjs_binding.node')];
      const { out, err } = await child(args, process.env);
      expect(err).toBe('');
      expect(out.trim()).toBe('tensorflow 2.21.0');
    } finally {
      rmSync(cache, { recursive: true });
    }
  });
});
