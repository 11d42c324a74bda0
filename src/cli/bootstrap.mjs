// The first program that runs in a fresh clone, with nothing installed: so it imports only Node's own modules. It
// brings the npm packages and TensorFlow, each only if it is not there yet, and then does the job it was asked for:
//   node src/cli/bootstrap.mjs start | test | test:long | banyan | build [arguments]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const inRoot = (/** @type {string} */ path) => join(root, path);
/** Node's options to run TypeScript. Only after the installation: tsx is found beside this file, not beside the user. */
const source = () => ['--conditions=source', '--import', import.meta.resolve('tsx')];

/** Runs a program to its end; resolves to its exit code as a shell counts it. */
function run(command, args, { quietOutput = false, onMessage = undefined, cwd = undefined, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    // The set-up's own words go to standard error: standard output belongs to the job (`doctor --json`).
    const stdio = ['inherit', quietOutput ? 2 : 'inherit', 'inherit', ...(onMessage ? ['ipc'] : [])];
    const child = spawn(command, args, { cwd, env, stdio });
    // Ctrl-C reaches the child by itself, as one of the terminal's group; it decides what follows, and we wait.
    const pass = (signal) => signal !== 'SIGINT' && child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    if (onMessage) child.on('message', onMessage);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of signals) process.removeListener(name, pass);
      resolve(signal ? 128 + constants.signals[signal] : code);
    });
  });
}

const node = (...args) => run(process.execPath, args);
const tool = (path, ...args) => run(process.execPath, [inRoot(`node_modules/${path}`), ...args], { cwd: root });

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own account of node_modules as its last
 * act, so an interrupted `npm ci` has none; whoever ran npm by hand is recognised too.
 */
function isInstalled() {
  const wanted = readJson(inRoot('package-lock.json'))?.packages ?? {};
  const found = readJson(inRoot('node_modules/.package-lock.json'))?.packages;
  if (!found) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional, link }]) => {
    if (path === '' || link) return true;
    // Optional ones are for another platform, or dropped by npm.
    if (!existsSync(inRoot(path))) return optional === true || devOptional === true;
    return found[path]?.version === version && found[path]?.integrity === integrity;
  });
}

async function install() {
  console.error('Installing the npm packages …');
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    quietOutput: true,
    cwd: root,
  }).catch((error) => {
    console.error(`npm could not be started (${error.code}).`);
    return 1;
  });
  if (code !== 0) console.error('`npm ci` failed. Check the network, and run the same command again.');
  return code;
}

/**
 * Two `npm ci` in one folder destroy each other's work. The lock is held by the program that installs (`flock` runs it),
 * so it outlives a killed bootstrap exactly as long as npm does. Where there is no `flock`, there is no lock.
 */
async function installOnce() {
  mkdirSync(inRoot('.banyan'), { recursive: true });
  const self = [process.execPath, fileURLToPath(import.meta.url), 'install'];
  const busy = await run('flock', ['-n', inRoot('.banyan/lock'), 'true']).catch(() => undefined);
  if (busy === undefined) return install();
  if (busy !== 0) console.error('Waiting for another installation in this folder to finish …');
  return run('flock', [inRoot('.banyan/lock'), ...self]);
}

// ---- TensorFlow: made by src/runtime/install/setup/main.ts; what it made is noted, so that a second run needs no process.

/** Sources of the framework's own kernels, which the set-up compiles. */
const KERNELS = 'src/runtime/kernels/native';
/** What reads an export in Python; it goes along with each. */
const READER = 'src/export/python';
/** What prepares and decodes for an export in JavaScript. */
const MODULE = 'src/export/module';
/** What speaks to Optuna, in Python. */
const SIDECAR = 'src/study/search/python';

const note = inRoot('node_modules/.cache/banyan-setup.json');

/** Changes with all that decides where the result lies. */
function setupKey() {
  const { BANYAN_CACHE = '', XDG_CACHE_HOME = '', CUDA_VISIBLE_DEVICES = '' } = process.env;
  const nvidia = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
  const kernels = readdirSync(inRoot(KERNELS)).sort();
  const files = ['src/runtime/install/setup/wheels.ts', ...kernels.map((name) => `${KERNELS}/${name}`)];
  const parts = [BANYAN_CACHE, XDG_CACHE_HOME, homedir(), CUDA_VISIBLE_DEVICES, nvidia].join('\n');
  const hash = createHash('sha256').update(parts);
  for (const file of files) hash.update(readFileSync(inRoot(file)));
  return hash.digest('hex');
}

function isSetUp() {
  if (process.env.BANYAN_TENSORFLOW) return true;
  const { key, folder } = readJson(note) ?? {};
  if (!folder || key !== setupKey()) return false;
  const { files } = readJson(join(folder, 'manifest.json')) ?? {};
  return !!files?.every(({ path, size }) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === size);
}

/** Exit code of the set-up, and what it took in seconds. */
async function setUp() {
  let result;
  const onMessage = (message) => {
    result = message;
  };
  const args = [...source(), inRoot('src/runtime/install/setup/main.ts')];
  const code = await run(process.execPath, args, { quietOutput: true, onMessage });
  if (code === 0 && result) {
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, JSON.stringify({ key: setupKey(), folder: result.folder }));
  }
  return { code, seconds: result?.made ? result.seconds : undefined };
}

/** Brings all that the job needs; returns 0, or the exit code to end with. */
async function prepare(word) {
  const took = { npm: 0, wheel: 0, compile: 0 };
  let worked = false;
  if (!isInstalled()) {
    const start = performance.now();
    const code = await installOnce();
    if (code !== 0) return code;
    took.npm = (performance.now() - start) / 1000;
    worked = true;
  }
  if (word !== 'build' && !isSetUp()) {
    const { code, seconds } = await setUp();
    if (code === 3) {
      // The set-up has said in a sentence what is missing here.
      if (word.startsWith('test') && process.env.CI === 'true') return 1;
      console.error('The pure JavaScript backend does the work instead, many times slower.');
    } else if (code !== 0) return code;
    for (const [part, value] of Object.entries(seconds ?? {})) took[part] += value;
    worked ||= !!seconds;
  }
  if (worked) {
    const parts = Object.entries(took).map(([part, value]) => `${part} ${value.toFixed(1)} s`);
    const total = Object.values(took).reduce((sum, value) => sum + value);
    console.error(`The set-up took ${total.toFixed(1)} s: ${parts.join(', ')}.`);
  }
  return 0;
}

const jobs = {
  start: (args) => node(...source(), inRoot('examples/challenge/main.ts'), ...args),
  // It ends with this process, also where that is killed (src/study/process/parent.ts).
  banyan: (args) =>
    run(process.execPath, [...source(), inRoot('src/cli/banyan.ts'), ...args], {
      env: { ...process.env, BANYAN_PARENT: String(process.pid) },
    }),
  async test(args) {
    return (
      (await tool('typescript/bin/tsc', '--noEmit')) ||
      (await tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings')) ||
      (await tool('vitest/vitest.mjs', 'run', '--project=!long', ...args))
    );
  },
  'test:long': (args) => tool('vitest/vitest.mjs', 'run', '--project=long', ...args),
  async build() {
    rmSync(inRoot('dist'), { recursive: true, force: true });
    const code = await tool('typescript/bin/tsc', '-p', 'tsconfig.build.json');
    if (code !== 0) return code;
    chmodSync(inRoot('dist/src/cli/banyan.js'), 0o755);
    for (const folder of [KERNELS, READER, SIDECAR])
      cpSync(inRoot(folder), inRoot(`dist/${folder}`), { recursive: true });
    return (
      (await node(...source(), inRoot('src/watch/build-page.ts'), inRoot('dist/src/watch/page.html'))) ||
      node(...source(), inRoot(`${MODULE}/build-module.ts`), inRoot(`dist/${MODULE}/banyan-export.mjs`))
    );
  },
};

async function main([word, ...args]) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old: expected 20.19 or later. Install such a Node.`);
    return 1;
  }
  // Under the lock: the one before may have done it.
  if (word === 'install') return isInstalled() ? 0 : install();
  const job = Object.hasOwn(jobs, word ?? '') ? jobs[word] : undefined;
  if (!job) {
    console.error(`Expected one of ${Object.keys(jobs).join(', ')}, received ${word ?? 'nothing'}. Name one of them.`);
    return 2;
  }
  return (await prepare(word)) || (await job(args));
}

process.exitCode = await main(process.argv.slice(2));
