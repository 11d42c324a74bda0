import Module, { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { nodeBackend } from '../tfjs-node/backend.ts';
import { useSampledFilterGradient } from '../tfjs-node/filter-gradient.ts';
import { pin } from './process.ts';
import { quietly } from './quiet.ts';

/** What a loaded TensorFlow says about itself. */
export interface Loaded {
  readonly version: string;
  readonly gpu: boolean;
}

const require = createRequire(import.meta.url);

/**
 * Loads tfjs-node(-gpu) from its folder, with `binding` in place of the one its own install script would have brought,
 * and runs one operation, since TensorFlow makes its devices at first use.
 */
export function loadTensorflow(nodePackage: string, binding?: string): Loaded {
  restoreUtil();
  shareTfjs(nodePackage);
  return quietly(() => {
    const inside = createRequire(`${nodePackage}${sep}package.json`);
    if (binding) {
      pin(binding);
      withFinder(inside, binding, () => inside(nodePackage));
    } else inside(nodePackage);
    // A stock package may bring a tfjs of its own: then it has made ready another instance, of no use to us.
    if (tf.getBackend() !== 'tensorflow') throw new Error('it did not become the backend of the installed tfjs');
    useSampledFilterGradient();
    tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync());
    const backend = nodeBackend();
    return { version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
  });
}

/** The package asks node-pre-gyp where its binding is. For that one question, something smaller answers. */
function withFinder(inside: NodeJS.Require, binding: string, load: () => void): void {
  const path = inside.resolve('@mapbox/node-pre-gyp');
  const before = inside.cache[path];
  const stand = new Module(path);
  stand.exports = { find: () => binding };
  stand.loaded = true;
  inside.cache[path] = stand;
  try {
    load();
  } finally {
    if (before) inside.cache[path] = before;
    else delete inside.cache[path];
  }
}

/** tfjs-node calls two helpers that Node 23 took away, or warns about. */
function restoreUtil(): void {
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
}

const TFJS = /^@tensorflow\/tfjs(?:-(?:core|layers|data|converter|backend-\w+))?(?:\/|$)/;
const shared = new Set<string>();

/**
 * tfjs must be one instance: the package registers its backend and kernels in the tfjs it finds, and from the cache
 * folder it would find its own. So its files get the user's when they ask for tfjs.
 */
function shareTfjs(nodePackage: string): void {
  const root = `${nodePackage}${sep}`;
  const fromTfjs = createRequire(require.resolve('@tensorflow/tfjs'));
  const resolveOwn = (name: string) => (/^@tensorflow\/tfjs(\/|$)/.test(name) ? require : fromTfjs).resolve(name);
  const inside = createRequire(`${root}package.json`);
  const isShared = (name: string): boolean => {
    try {
      return inside.resolve(name) === resolveOwn(name);
    } catch {
      return false;
    }
  };
  if (shared.has(root) || ['@tensorflow/tfjs', '@tensorflow/tfjs-core'].every(isShared)) return;
  shared.add(root);
  const internals = Module as unknown as {
    _resolveFilename(request: string, parent?: { filename?: string | null }, ...rest: unknown[]): string;
  };
  const resolve = internals._resolveFilename;
  internals._resolveFilename = function (request, parent, ...rest) {
    if (TFJS.test(request) && parent?.filename?.startsWith(root)) return resolveOwn(request);
    return resolve.call(this, request, parent, ...rest);
  };
}

/** A stock package with a binding of its own, beside the framework or in the working folder. */
export function findStock(): string[] {
  const from = [import.meta.url, `${process.cwd()}${sep}package.json`];
  const names = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
  const found = names.flatMap((name) =>
    from.flatMap((place) => {
      try {
        return dirname(createRequire(place).resolve(`${name}/package.json`));
      } catch {
        return [];
      }
    }),
  );
  return [...new Set(found)];
}

/** Makes tfjs's own JavaScript backend ready, without its advice on the screen to install another one. */
export async function loadJavaScript(): Promise<void> {
  (tf.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
  await tf.setBackend('cpu');
  await tf.ready();
}
