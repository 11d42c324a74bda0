import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { check, count } from '../check.ts';
import { BanyanError } from '../error.ts';
import { Runner } from './execute/runner.ts';
import { deviceName, hasNvidia } from './install/device.ts';
import { giveBack } from './install/give-back.ts';
import { loadJavaScript } from './install/load.ts';
import { note, noted, setEnvironment } from './install/process.ts';
import { quietly } from './install/quiet.ts';
import { findTensorflow } from './install/search.ts';
import { wantedKernels } from './kernels/files.ts';
import { kernelsInUse, startKernels } from './kernels/kernels.ts';
import type { ClusterPlace } from './tensorflow/cluster-def.ts';
import { Context, openLibrary, SavedModel } from './tensorflow/index.ts';

/** What does the arithmetic in this process. */
export interface Runtime {
  readonly backend: 'tensorflow' | 'cpu';
  /** TensorFlow's version. */
  readonly tensorflow?: string;
  readonly device: string;
  readonly gpu: boolean;
  /** Whether training steps run as compiled graphs. */
  readonly compiled: boolean;
  /** Threads of each of TensorFlow's two pools; results are equal to the bit for equal numbers only. */
  readonly threads: number;
  /** What is used and why, what was passed over and why: one sentence each. */
  readonly reasons: readonly string[];
}

/** What a program may insist on. */
export type Requirement = 'tensorflow' | 'gpu';

/** Where graphs run; undefined where there is no C library to run them. */
let context: Context | undefined;
/** With what that was opened. */
let opened: { readonly libraries: string; readonly threads: number; readonly grappler: boolean } | undefined;

/**
 * Makes what runs one network's computations, with at most so many operations in the graphs that are kept. The runtime must have been
 * started.
 */
export const createRunner = (maxOperations?: number): Runner => new Runner(context, maxOperations);

/**
 * Makes a context, beside the one in which graphs run, that is to join a cluster. The runtime must have been started.
 * @throws BanyanError `runtime` where there is no C library.
 */
export function openClusterContext(cluster: ClusterPlace): Context {
  if (opened === undefined)
    throw new BanyanError(
      'runtime',
      "Training by several processes needs TensorFlow's C library, and it is not here. Run `banyan setup`.",
    );
  const { libraries, ...options } = opened;
  return quietly(() => new Context(openLibrary(libraries), { ...options, cluster }));
}

/**
 * Loads a SavedModel by TensorFlow itself. The runtime must have been started.
 * @throws BanyanError `runtime` for a folder that holds none, and where there is no C library to load it.
 */
export function openSavedModel(folder: string): SavedModel {
  if (context === undefined)
    throw new BanyanError(
      'runtime',
      "Loading a SavedModel needs TensorFlow's C library, and it is not here. Run `banyan setup`.",
    );
  return new SavedModel(context.library, folder, context.threads);
}

/** The facts that the bits of results depend on. */
export interface RuntimeIdentity {
  readonly [fact: string]: string | number | null;
  readonly backend: string;
  readonly tensorflow: string | null;
  readonly device: string;
  readonly threads: number;
  /** TensorFlow's own switch of its CPU kernels, where it is set. */
  readonly oneDnn: string | null;
  /** The instructions of the framework's own kernels, where they are used. */
  readonly kernels: string | null;
}

/** Returns what must be the same for equal computations to give equal bits. */
export async function runtimeIdentity(): Promise<RuntimeIdentity> {
  const { backend, tensorflow, device, threads } = await startRuntime();
  return {
    backend,
    tensorflow: tensorflow ?? null,
    // The device's name ends with the number of processors the machine happens to grant; the threads used stand beside it.
    device: device.replace(/, \d+ threads/, ''),
    threads,
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS ?? null,
    kernels: kernelsInUse() ?? null,
  };
}

const SLOW = 'The pure JavaScript backend does the work, many times slower; `npx banyan setup` sets up TensorFlow.';

export interface StartOptions {
  readonly require?: Requirement;
  readonly threads?: number;
}

/** What all threads of the process know: that it was said that the slow backend does the work. */
const WARNED = 'warned';
// Without koffi there are no notes.
let warned = false;

let started: { readonly threads: number; readonly runtime: Promise<Runtime> } | undefined;

/**
 * Finds and loads the backend, once in a process: later and concurrent calls get the same one. Where it is the slow one, a
 * warning says so, once in a process.
 *
 * @throws BanyanError when `require` is not met, when BANYAN_TENSORFLOW, BANYAN_CACHE or BANYAN_KERNELS is set to something
 * unusable, or when `threads` differs from the number the process runs with already, which TensorFlow cannot change; `argument` for
 * a number of threads that is none.
 */
export async function startRuntime(options: StartOptions = {}): Promise<Runtime> {
  const runtime = await startSilently(options);
  if (runtime.backend === 'cpu' && noted(WARNED) === undefined && !warned) {
    warned = true;
    note(WARNED, 'yes');
    process.emitWarning(runtime.reasons.slice(0, runtime.reasons.indexOf(SLOW) + 1).join(' '), 'BanyanWarning');
  }
  return runtime;
}

/** Starts the runtime as `startRuntime` does, without its warning: for whoever tells it otherwise. */
export async function startSilently(options: StartOptions = {}): Promise<Runtime> {
  const running = started?.threads ?? threadsOfProcess();
  const threads = options.threads ?? running ?? availableParallelism();
  check('startRuntime', { threads }, count);
  if (running !== undefined && running !== threads)
    throw new BanyanError(
      'runtime',
      `The process already runs with ${running} threads: expected the same number, received ${threads}. ` +
        'Set the number at the first start, or start another process.',
    );
  started ??= { threads, runtime: start(threads) };
  const mine = started;
  try {
    const runtime = await mine.runtime;
    const unmet = options.require && whatIsUnmet(runtime, options.require);
    if (unmet) throw new BanyanError('runtime', `${runtime.reasons.join(' ')} ${unmet}`);
    return runtime;
  } catch (error) {
    // What failed to start may be mended and tried again; a requirement not met leaves the running one as it is.
    await mine.runtime.catch(() => {
      if (started === mine) started = undefined;
    });
    throw error;
  }
}

/** What all threads of the process know: of how many threads TensorFlow's pools are. */
const THREADS = 'threads';

function threadsOfProcess(): number | undefined {
  const word = noted(THREADS);
  return word === undefined ? undefined : Number(word);
}

async function start(threads: number): Promise<Runtime> {
  wantedKernels(); // Whether it is a word that is known: on any backend.
  // TensorFlow reads them once, when its library loads.
  setEnvironment('TF_NUM_INTRAOP_THREADS', String(threads));
  setEnvironment('TF_NUM_INTEROP_THREADS', String(threads));
  const { loaded, setUp, libraries, forGpu = false, reasons } = findTensorflow();
  if (loaded) {
    note(THREADS, String(threads));
    await tf.ready();
  } else {
    await loadJavaScript();
    reasons.push(SLOW);
  }
  const gpu = loaded?.gpu ?? false;
  reasons.push(deviceReason(gpu, forGpu));
  if (!gpu && hasNvidia()) process.emitWarning(reasons.at(-1)!, 'BanyanWarning');
  // Without them a graph computes just what its operations compute one by one: for tests of equality.
  const optimised = process.env.BANYAN_GRAPH_OPTIMIZER !== 'off';
  context = libraries === undefined ? undefined : openContext(libraries, threads, optimised, reasons);
  if (context && optimised && !gpu) reasons.push(startKernels(setUp, threads));
  if (libraries !== undefined) giveBack(libraries);
  reasons.push(
    context ? 'Training steps run as one TensorFlow graph each.' : 'Training steps run operation by operation.',
  );
  const backend = loaded ? 'tensorflow' : 'cpu';
  const compiled = context !== undefined;
  return { backend, tensorflow: loaded?.version, device: deviceName(gpu), gpu, compiled, threads, reasons };
}

function openContext(libraries: string, threads: number, grappler: boolean, reasons: string[]): Context | undefined {
  try {
    const made = quietly(() => new Context(openLibrary(libraries), { threads, grappler }));
    opened = { libraries, threads, grappler };
    return made;
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    reasons.push(error.message);
    return undefined;
  }
}

function deviceReason(gpu: boolean, forGpu: boolean): string {
  if (gpu) return 'TensorFlow uses the NVIDIA device it found.';
  if (!hasNvidia()) return 'No NVIDIA device was found, so the CPU does the work.';
  const mend = forGpu ? 'check the driver with `nvidia-smi`' : 'run `banyan setup --gpu` to set it up';
  return `An NVIDIA device is here, but the CPU does the work; ${mend}.`;
}

/** Says what is required and not there, with the mend; undefined when it is. */
export function whatIsUnmet(runtime: Runtime, requirement: Requirement): string | undefined {
  if (requirement === 'gpu' ? runtime.gpu : runtime.backend === 'tensorflow') return undefined;
  const [expected, mend] =
    requirement === 'gpu'
      ? ['A GPU', 'Run `banyan setup --gpu` on a machine with an NVIDIA device and its driver.']
      : ['TensorFlow', 'Run `banyan setup`.'];
  return `${expected} is required and not there: received the ${runtime.backend} backend on ${runtime.device}. ${mend}`;
}
