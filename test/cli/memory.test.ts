import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../repository.ts';

/** Kilobytes beside what a training of a few numbers takes. */
const ROOM = 1_000_000;

/** Runs the program with an address space of so many kilobytes. */
function trained(limit: string, what: string, bytes: number) {
  // Without this flag each module of WebAssembly takes ten gigabytes of the address space.
  const node = [process.execPath, '--disable-wasm-trap-handler', '--conditions=source', '--import', 'tsx'];
  const program = [...node, join(root, 'test/cli/memory-child.ts'), what, String(bytes)];
  const { status, signal, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `ulimit -v ${limit}; exec "$@"`, 'sh', ...program],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    },
  );
  return { status, signal, stdout: String(stdout), stderr: String(stderr) };
}

it.skipIf(process.platform !== 'linux')('a training that finds no memory ends with a sentence', () => {
  const plain = trained('unlimited', 'batch', 1024);
  expect(plain.status, plain.stderr).toBe(0);
  const limit = String(Number(/^trained in (\d+)$/m.exec(plain.stdout)![1]) + ROOM);
  const ended = (what: string, bytes: number, message: RegExp) => {
    const { status, signal, stderr } = trained(limit, what, bytes);
    expect({ status, signal }, stderr).toEqual({ status: 1, signal: null });
    // On some processors TensorFlow says a line of its own.
    expect(stderr.replace(/^[IWE]\d{4} .*\n/gm, '')).toMatch(message);
  };
  const mend =
    "Expected what the process can have, which is at most \\d+ GB for all that is in it\\. Lower `batch` \\(or set `accumulate`, to go through it in parts\\), or the trunk's width or depth\\.\\n$";
  const update = 'error: Update 1, with 64 examples of "numbers": ';
  // There is room for a batch on the host, and for none on the device.
  ended(
    'batch',
    640e6,
    new RegExp(
      `^${update}A tensor of shape \\[64, 2500000\\]: there was not enough memory \\(TensorFlow found none for 640 MB\\)\\. ${mend}`,
    ),
  );
  // What the backward pass makes of it in JavaScript, as the step becomes a graph.
  ended(
    'activations',
    4096e6,
    new RegExp(
      `^${update}Running "train": there was not enough memory \\(Array buffer allocation failed\\)\\. ${mend}`,
    ),
  );
});
