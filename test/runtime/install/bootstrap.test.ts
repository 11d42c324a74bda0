import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../repository.ts';

const bootstrap = 'src/cli/bootstrap.mjs';

/** An npm that installs one package, tsx, by a link to the real one, and writes npm's account of it last. */
const NPM = `#!/bin/sh
echo "npm $*" >> calls
echo 'added 1 package'
rm -rf node_modules && mkdir node_modules && ln -s "$REAL/node_modules/tsx" node_modules/tsx
sleep "\${SLOW:-0}"
[ -n "$NPM_FAILS" ] && exit 1
cp package-lock.json node_modules/.package-lock.json
`;

/** A set-up that makes a file and tells of it as the real one does. */
const SETUP = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('calls', 'setup\\n');
const code = Number(process.env.SETUP_FAILS ?? 0);
if (code) console.error('It cannot be set up.');
else {
  mkdirSync('made', { recursive: true });
  writeFileSync('made/library', '12345');
  writeFileSync('made/manifest.json', JSON.stringify({ files: [{ path: 'library', size: 5 }] }));
  const folder: string = process.cwd() + '/made';
  process.send?.({ folder, made: true, seconds: { npm: 0, wheel: 1, compile: 2 } });
}
process.exitCode = code;
process.disconnect?.();
`;

const JOB = `console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.env.JOB_EXITS ?? 0);`;

describe.skipIf(process.platform === 'win32')('bootstrap', { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-bootstrap-'));
    for (const name of [
      'src/cli',
      'src/runtime/install/setup',
      'src/runtime/kernels/native',
      'examples/challenge',
      'bin',
    ])
      mkdirSync(join(folder, name), { recursive: true });
    cpSync(join(root, bootstrap), join(folder, bootstrap));
    const files = {
      'package.json': JSON.stringify({ type: 'module' }),
      'package-lock.json': JSON.stringify({
        packages: {
          '': {},
          'node_modules/tsx': { version: '1.0.0', integrity: 'sha512-x' },
          'node_modules/for-another-platform': { version: '1.0.0', optional: true },
        },
      }),
      'src/runtime/install/setup/wheels.ts': '',
      'src/runtime/kernels/native/one.cc': '',
      'src/runtime/install/setup/main.ts': SETUP,
      'src/cli/banyan.ts': JOB,
      'examples/challenge/main.ts': JOB,
      'bin/npm': NPM,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    chmodSync(join(folder, 'bin/npm'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [bootstrap, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        ...{ BANYAN_TENSORFLOW: undefined, CI: undefined, REAL: root },
        PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
        ...env,
      },
    });
  const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => end(start(args, env));
  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const both = ['npm ci --include=dev --no-audit --no-fund', 'setup'];

  it('brings all in an empty clone, and does no such work a second time', async () => {
    const first = await run(['start', '--steps', '3'], { JOB_EXITS: '7' });
    expect(first.out).toBe('["--steps","3"]\n');
    expect(first.code).toBe(7);
    expect(first.err).toMatch(/^The set-up took \d+\.\d s: npm \d+\.\d s, wheel 1\.0 s, compile 2\.0 s\.$/m);
    expect(calls()).toEqual(both);

    const second = await run(['banyan', 'doctor', '--json']);
    expect(second).toEqual({ code: 0, out: '["doctor","--json"]\n', err: '' });
    expect(calls()).toEqual(both);
  });

  it('mends what is half there', async () => {
    await run(['start']);
    truncateSync(join(folder, 'made/library'), 2);
    await run(['start']);
    expect(calls()).toEqual([...both, 'setup']);

    rmSync(join(folder, 'node_modules/.package-lock.json'));
    await run(['start']);
    expect(calls()).toEqual([...both, 'setup', ...both]);

    writeFileSync(join(folder, 'src/runtime/kernels/native/one.cc'), 'other kernels');
    await run(['start']);
    expect(calls()).toEqual([...both, 'setup', ...both, 'setup']);
  });

  it('stops when npm fails, and tries again the next time', async () => {
    const failed = await run(['start'], { NPM_FAILS: '1' });
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toContain('`npm ci` failed. Check the network, and run the same command again.');
    expect(await run(['start'])).toMatchObject({ code: 0, out: '[]\n' });
  });

  it('goes on in JavaScript where nothing can be set up, but not in a test of CI', async () => {
    const without = await run(['start'], { SETUP_FAILS: '3' });
    expect(without).toMatchObject({ code: 0, out: '[]\n' });
    expect(without.err).toContain(
      'It cannot be set up.\nThe pure JavaScript backend does the work instead, many times slower.\n',
    );
    expect(await run(['test'], { SETUP_FAILS: '3', CI: 'true' })).toMatchObject({ code: 1, out: '' });
    expect(await run(['start'], { SETUP_FAILS: '1' })).toMatchObject({ code: 1, out: '' });
  });

  it.skipIf(spawnSync('flock', ['--version']).status !== 0)('of two at once one installs and one waits', async () => {
    const first = run(['start'], { SLOW: '2' });
    await new Promise((resolve) => setTimeout(resolve, 800));
    const second = await run(['start']);
    expect(await first).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: 0 });
    expect(second.err).toContain('Waiting for another installation in this folder to finish …');
    expect(calls().filter((call) => call.startsWith('npm'))).toHaveLength(1);
  });

  it('gets the signal that npm gets, and passes it on', async () => {
    await run(['start']);
    // Scripts of the real package, by the real npm.
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts }));
    writeFileSync(
      join(folder, 'examples/challenge/main.ts'),
      `const alive = setInterval(() => {}, 1000);
      process.on('SIGTERM', () => { console.log('heard it'); clearInterval(alive); process.exitCode = 5; });
      console.log('ready');`,
    );
    const npm = spawn('npm', ['start'], { cwd: folder, env: { ...process.env, REAL: root } });
    npm.stdout.on('data', (text) => String(text).includes('ready') && npm.kill('SIGTERM'));
    const { code, out } = await end(npm);
    expect(out).toMatch(/ready\nheard it\n/);
    expect(code).toBe(5);
  });

  it('names its words, and the Node it needs', async () => {
    expect(await run(['dance'])).toEqual({
      code: 2,
      out: '',
      err: 'Expected one of start, banyan, test, test:long, build, received dance. Name one of them.\n',
    });
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.18.1'}})";
    expect(await run(['start'], { NODE_OPTIONS: `--import ${old}` })).toEqual({
      code: 1,
      out: '',
      err: 'Node 20.18.1 is too old: expected 20.19 or later. Install such a Node.\n',
    });
  });
});

describe('package-lock.json', () => {
  it('has an entry for each optional package, or `npm ci` refuses it', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).filter((name) => !names.has(name)),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

function end(process: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    process.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    process.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    process.on('error', reject);
    process.on('close', (code) => resolve({ code, out, err }));
  });
}
