import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/index.ts';
import { giveBack, mappingsIn } from '../../../src/runtime/install/give-back.ts';
import { installFolder } from '../../../src/runtime/install/setup/cache.ts';
import { readManifest } from '../../../src/runtime/install/setup/manifest.ts';
import { CPU } from '../../../src/runtime/install/setup/wheels.ts';

const folder = installFolder(CPU);
const libraries = join(folder, 'deps/lib');

/** Megabytes of TensorFlow's libraries that are in memory, and those of them that were written to. */
function inMemory() {
  const mappings = mappingsIn(readFileSync('/proc/self/smaps', 'latin1')).filter(({ file }) =>
    file.startsWith(realpathSync(libraries)),
  );
  const sum = (of: (mapping: (typeof mappings)[number]) => number) =>
    mappings.reduce((total, mapping) => total + of(mapping), 0) / 1024;
  return { resident: sum(({ resident }) => resident), written: sum(({ written }) => written) };
}

/** Touches all of the libraries' read-only parts, as loading them does. */
function compute(): Float32Array {
  return tf.tidy(() => {
    const rows = tf.linspace(-1, 1, 64 * 32).reshape([64, 32]);
    return tf.softmax(tf.matMul(rows, rows, false, true)).dataSync() as Float32Array;
  });
}

describe.skipIf(typeof readManifest(folder) === 'string')("TensorFlow's libraries", () => {
  it('leave memory, but for what was written to them, and work on', async () => {
    await startRuntime();
    const before = compute();
    const { written } = inMemory();
    giveBack(libraries);
    const after = inMemory();
    expect(after.written).toBeGreaterThan(1);
    expect(after.written).toBeCloseTo(written, 0);
    expect(after.resident - after.written).toBeLessThan(10);
    expect(compute()).toEqual(before);
    const again = inMemory();
    expect(again.resident).toBeGreaterThan(after.resident);
  });
});
