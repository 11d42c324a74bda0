import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { areCompiled } from '../../kernels/files.ts';
import { hasNvidia, unsupported } from '../device.ts';
import { cacheFolder, installFolder } from './cache.ts';
import { compileBinding, verifyBinding } from './compile.ts';
import { downloadWheels } from './download.ts';
import { stepFailed } from './failure.ts';
import { compileKernels } from './kernels.ts';
import { withLock } from './lock.ts';
import { BINDING, readManifest, writeManifest } from './manifest.ts';
import { findNodePackage, installNodePackage } from './node-package.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { hasStaging, makeStaging, publish, removeStaging, removeTree, removeTreeOnSignal } from './staging.ts';
import { missingTools } from './tools.ts';
import { INCLUDE, unpackWheels } from './unpack.ts';
import { CPU, GPU, NODE_PACKAGE, type Recipe } from './wheels.ts';

export interface SetupOptions {
  /** TensorFlow with CUDA; default: whether an NVIDIA device is here. */
  readonly gpu?: boolean;
  readonly cache?: string;
  readonly recipe?: Recipe;
  readonly progress?: Progress;
}

export interface SetupResult {
  readonly folder: string;
  /** False when all was there already. */
  readonly made: boolean;
  /** What each part took, in seconds. */
  readonly seconds: { readonly npm: number; readonly wheel: number; readonly compile: number };
}

/**
 * Makes TensorFlow for this machine once, in the cache folder: pip brings the wheel, g++ compiles the binding and the
 * kernels. All of it happens in a staging folder; the last act is one rename, so that whatever ends it before leaves
 * nothing that looks finished. Of several at once, one works and the others wait for it.
 *
 * @throws BanyanError with the mend, when something is missing or a step fails.
 */
export async function setup(options: SetupOptions = {}): Promise<SetupResult> {
  const { cache = cacheFolder(), progress = terminalProgress() } = options;
  const gpu = options.gpu ?? hasNvidia();
  const recipe = options.recipe ?? (gpu ? GPU : CPU);
  const folder = installFolder(recipe, cache);
  const there = () =>
    typeof readManifest(folder) !== 'string' && areCompiled(folder) && findNodePackage(cache) !== undefined;
  const nothing = { folder, made: false, seconds: { npm: 0, wheel: 0, compile: 0 } };
  // What a killed set-up left is taken away even when a later one is complete.
  if (there() && !hasStaging(cache)) return nothing;
  if (!there()) await checkPrerequisites();

  try {
    mkdirSync(cache, { recursive: true });
    const waiting = (pid: string) => progress.say(`Waiting for another set-up (process ${pid}) to finish …`);
    return await withLock(cache, waiting, async () => {
      removeStaging(cache);
      if (there()) return nothing;
      const staging = makeStaging(cache);
      const leave = removeTreeOnSignal(staging);
      try {
        return await make(recipe, gpu, cache, folder, staging, progress);
      } finally {
        leave();
        removeTree(staging);
      }
    });
  } catch (error) {
    throw stepFailed(`The set-up in ${cache}`, error, 'Run `banyan setup` again.');
  }
}

/** One sentence on why nothing can be made here, else undefined. */
export async function whyImpossible(): Promise<string | undefined> {
  const system = unsupported();
  return system ? `${system}.` : await missingTools();
}

async function checkPrerequisites(): Promise<void> {
  const why = await whyImpossible();
  if (why) throw new BanyanError('runtime', why);
}

async function make(
  recipe: Recipe,
  gpu: boolean,
  cache: string,
  folder: string,
  staging: string,
  progress: Progress,
): Promise<SetupResult> {
  const start = performance.now();
  const nodePackage = findNodePackage(cache) ?? (await installNodePackage(cache, staging, progress));
  const npm = performance.now();
  const seconds = { npm: (npm - start) / 1000, wheel: 0, compile: 0 };
  if (typeof readManifest(folder) !== 'string') {
    if (!areCompiled(folder)) await compileKernels(folder, staging, progress);
    return { folder, made: true, seconds: { ...seconds, compile: (performance.now() - npm) / 1000 } };
  }

  const result = join(staging, 'result');
  mkdirSync(result);
  const wheels = await downloadWheels(recipe, staging, progress);
  await unpackWheels(recipe, wheels, result, progress);
  const wheel = performance.now();
  const tools = await compileBinding(nodePackage, result, progress);
  removeTree(join(result, INCLUDE));
  await compileKernels(result, staging, progress);
  const [first] = recipe.wheels;
  await verifyBinding(result, first.version, progress);
  const binding = `${NODE_PACKAGE.name} ${NODE_PACKAGE.version}`;
  const build = { wheel: first.package, version: first.version, sha256: first.sha256, gpu, binding, ...tools };
  const libraries = ['cc', 'framework'].map((part) => `deps/lib/libtensorflow_${part}.so.2`);
  await writeManifest(result, { ...build, wheels: recipe.wheels.map(({ file }) => file) }, [...libraries, BINDING]);
  publish(result, folder);
  const end = performance.now();
  return { folder, made: true, seconds: { ...seconds, wheel: (wheel - npm) / 1000, compile: (end - wheel) / 1000 } };
}
