import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recipe } from '../../../src/runtime/install/setup/wheels.ts';
import { root } from '../../repository.ts';

/** Where the set-up itself can run, so can its tests. */
export const canSetUp =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  ['python3', 'g++'].every((tool) => spawnSync(tool, ['--version']).status === 0);

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A tiny wheel, a tiny binding, and scripts that stand in for python3 and g++ and fail when FAULT says so. */
export interface Workbench {
  readonly bin: string;
  readonly folder: string;
  cache(): string;
  setup(cache: string, env?: NodeJS.ProcessEnv): Promise<Outcome>;
  /** Names of the tools' calls in a cache's log. */
  calls(cache: string): string[];
  remove(): void;
}

const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name in ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h', 'python/unneeded.py']:
        wheel.writestr('tensorflow/' + name, name * 1000)
`;

const ADDON = `
#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value version;
  napi_create_string_utf8(env, "0.0.1", 5, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  return exports;
}
`;

// The parent of each script is the set-up itself, so \`kill -9 $PPID\` is a kill at just that point of it.
const PYTHON = `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in
  *'pip download'*)
    echo download >> "$BANYAN_CACHE.calls"
    while [ "$1" != -d ]; do shift; done
    sleep "\${SLOW:-0}"
    case "$FAULT" in
      download:kill) head -c 400 "$FAKE/wheel" > "$2/fake-0.0.1.whl"; kill -9 $PPID ;;
      download:full) head -c 400 "$FAKE/wheel" > "$TMPDIR/half"; echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device' >&2; exit 1 ;;
      download:network) echo 'WARNING: Retrying after connection broken' >&2; echo 'ERROR: Could not find a version that satisfies the requirement fake==0.0.1' >&2; exit 1 ;;
      checksum:truncated) head -c 400 "$FAKE/wheel" > "$2/fake-0.0.1.whl" ;;
      *) cp "$FAKE/wheel" "$2/fake-0.0.1.whl" ;;
    esac ;;
  *deps/lib*)
    echo unpack >> "$BANYAN_CACHE.calls"
    mkdir -p "$4/deps/lib"
    case "$FAULT" in
      unpack:kill) echo half > "$4/deps/lib/libtensorflow_cc.so.2"; kill -9 $PPID ;;
      unpack:full) echo half > "$4/deps/lib/libtensorflow_cc.so.2"; echo 'OSError: [Errno 28] No space left on device' >&2; exit 1 ;;
      *) exec "$REAL_PYTHON" "$@" ;;
    esac ;;
  *'pip --version'*) [ -z "$NO_PIP" ] ;;
esac
`;

const COMPILER = `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in --version) echo 'g++ (fake) 1.0'; exit ;; esac
what=compile
case "$*" in *avx2*) what=kernels ;; esac
echo $what >> "$BANYAN_CACHE.calls"
while [ "$1" != -o ]; do shift; done
case "$what:$FAULT" in
  kernels:kernels:kill) head -c 400 "$FAKE/addon.node" > "$2"; kill -9 $PPID; exit ;;
  kernels:kernels:error) echo 'linear.cc:1:1: error: expected a vector' >&2; exit 1 ;;
  kernels:*) cp "$FAKE/addon.node" "$2"; exit ;;
esac
case "$FAULT" in
  compile:kill) head -c 400 "$FAKE/addon.node" > "$2"; kill -9 $PPID ;;
  compile:full) head -c 400 "$FAKE/addon.node" > "$2"; echo '/tmp/x.s: fatal error: error writing: No space left on device' >&2; exit 1 ;;
  compile:error) echo 'binding.cc:1:1: error: expected a miracle' >&2; exit 1 ;;
  verification:garbage) head -c 400 "$FAKE/addon.node" > "$2" ;;
  *) cp "$FAKE/addon.node" "$2" ;;
esac
`;

export function makeWorkbench(): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-setup-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, text] of [
    ['python3', PYTHON],
    ['g++', COMPILER],
  ] as const) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const wheel = join(folder, 'wheel');
  command('python3', '-c', WHEEL, wheel);
  writeFileSync(join(folder, 'addon.cc'), ADDON);
  const headers = join(root, 'node_modules/node-api-headers/include');
  command('g++', '-shared', '-fPIC', '-I', headers, join(folder, 'addon.cc'), '-o', join(folder, 'addon.node'));
  const bytes = readFileSync(wheel);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const recipe: Recipe = {
    wheels: [{ package: 'fake', version: '0.0.1', file: 'fake-0.0.1.whl', size: bytes.length, sha256 }],
  };
  const shared = {
    PATH: bin,
    HOME: folder,
    FAKE: folder,
    RECIPE: JSON.stringify(recipe),
    REAL_PYTHON: command('python3', '-c', 'import sys; print(sys.executable)').trim(),
  };
  return {
    bin,
    folder,
    cache: () => mkdtempSync(join(folder, 'cache-')),
    setup: (cache, env = {}) =>
      child(['test/runtime/install/setup-child.ts'], { ...shared, BANYAN_CACHE: cache, ...env }),
    calls: (cache) => readFileSync(`${cache}.calls`, 'utf8').trim().split('\n'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a TypeScript program of the repository to its end. */
export function child(args: readonly string[], env: NodeJS.ProcessEnv, cwd = root): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const node = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', ...args], { cwd, env });
    let out = '';
    let err = '';
    node.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    node.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    node.on('error', reject);
    node.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

export const list = (folder: string): string[] => readdirSync(folder).sort();

/** Runs a tool to its end, and gives what it printed; throws where it fails. */
export function command(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return stdout;
}
