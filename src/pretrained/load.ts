import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { byName, check, listOf, text } from '../check.ts';
import { BanyanError } from '../error.ts';
import { didYouMean, listed } from '../nearest.ts';
import { type AnyNetwork, internals, type NetworkBody } from '../network/index.ts';
import { misfitOf, readValue } from './convert.ts';
import { digestOfFiles } from './digest.ts';
import { openWeights } from './formats/open.ts';
import { applyMap, type Mapped, type WeightMap } from './map.ts';
import { banyanMap, MAPS, type MapName } from './maps/index.ts';
import { applyOrder } from './order.ts';
import { type Target, targetsOf } from './target.ts';
import type { WeightFile } from './weight-file.ts';

export interface LoadWeightsOptions {
  /**
   * The file of the weights: `.safetensors` or, of several, `.safetensors.index.json`; `.weights.h5` and `.keras` of Keras 3; the
   * `model.json` of a tf.layers model. Or a folder: of a saved network or a run, or with a `model.safetensors` in it.
   */
  readonly from: string;
  /** What begins with them: one or more of `trunk`, `stem/TASK`, `head/TASK` of the last column. */
  readonly into: string | readonly string[];
  /**
   * Which tensor becomes which weight: `bert` or `vit`, or names of the file's tensors by the network's (see `WeightMap`). Default: of a
   * saved network the same names; of Keras' and tf.layers' files the layers of what `fromLayers` wraps, in their order. A safetensors
   * file needs one.
   */
  readonly map?: MapName | WeightMap['weights'];
  /** Patterns of the names of tensors that may be left over, beside those that `map` knows of. */
  readonly ignore?: readonly string[];
  /** The file must have this digest, 64 digits as `LoadedWeights.sha256`. Default: whatever it has. */
  readonly sha256?: string;
}

/** What was loaded. */
export interface LoadedWeights {
  readonly from: string;
  /** The sha256 of the file; of several that of the lines that `sha256sum` writes of them. */
  readonly sha256: string;
  /** The names of the network's weights that have others' values now. */
  readonly weights: readonly string[];
  /** The names of the file's tensors that were left over. */
  readonly left: readonly string[];
}

/**
 * Lets parts of a network begin with the weights of another model. Everything is checked before: each weight of these parts has its
 * tensor, of the right shape and with finite numbers, and no tensor is left over but those that may be. Then all of them are set, or
 * none. The optimiser's state, of a network that was trained before, stays.
 * @throws BanyanError `checkpoint` for a file that is damaged, is another one than `sha256` says, or does not fit, naming what is
 * missing, left over and of another shape; `argument` for a part or a map that there is not; `busy` while the network is trained.
 */
export async function loadWeights(network: AnyNetwork, options: LoadWeightsOptions): Promise<LoadedWeights> {
  const { body, lease } = internals(network);
  return lease.change('given weights', async () => {
    const targets = targetsOf(body, [options.into].flat());
    const file = await openWeights(options.from);
    try {
      const sha256 = await digestOfFiles(file.files);
      assertDigest(options, sha256);
      const mapped = mapOf(options, file, targets, body);
      const left = assertFits(options, file, mapped);
      await body.runner.exclusive(() => setWeights(file, mapped));
      return { from: options.from, sha256, weights: targets.map(({ variable }) => variable.name), left };
    } finally {
      await file.close();
    }
  });
}

function assertDigest({ from, sha256 }: LoadWeightsOptions, found: string): void {
  if (sha256 === undefined || sha256 === found) return;
  throw new BanyanError(
    'checkpoint',
    `${from} has the sha256 ${found}, expected ${sha256}: it is another file than before. Give the one that was meant, or leave sha256 out.`,
  );
}

const originSchema = z.union([text, listOf(text, 'names'), z.strictObject({ firstRowsOf: text })], {
  error: 'the name of a tensor, a list of names, or { firstRowsOf: the name of a tensor }',
});
const namesSchema = byName(originSchema, 'the name of a map, or the names of tensors by those of weights');

function mapOf(
  { map, ignore = [] }: LoadWeightsOptions,
  file: WeightFile,
  targets: readonly Target[],
  body: NetworkBody,
): Mapped {
  check('loadWeights', { ignore }, z.array(text, 'a list of names'));
  const names = [...file.tensors.keys()];
  if (map !== undefined) {
    if (typeof map !== 'string') check('loadWeights', { map }, namesSchema);
    const { weights, ignore: known = [] } = typeof map === 'string' ? namedMap(map)(names) : { weights: map };
    return applyMap({ weights, ignore: [...known, ...ignore] }, targets);
  }
  if (file.format === 'banyan') return applyMap(banyanMap(names), targets);
  if (file.format !== 'safetensors') return applyOrder(file, targets, body.store.assets());
  throw new BanyanError(
    'argument',
    `loadWeights: ${file.path} needs a map, since its names are those of its maker. Expected ${Object.keys(MAPS).join(', ')}, or names of its tensors by the network's. Add \`map\`.`,
  );
}

function namedMap(name: string): (names: readonly string[]) => WeightMap {
  const known = Object.keys(MAPS);
  if (known.includes(name)) return MAPS[name as MapName];
  throw new BanyanError(
    'argument',
    `loadWeights: there is no map "${name}". Expected one of: ${known.join(', ')}. ${didYouMean(name, known, 'Name one of these, or give a map of names.')}`,
  );
}

/** Checks that a file has what is asked of it and no more. @returns the names of the tensors that are left over. */
function assertFits(
  { from, into }: LoadWeightsOptions,
  file: WeightFile,
  { assignments, unmapped, mayBeLeft }: Mapped,
): readonly string[] {
  const has = (tensor: string) => file.tensors.has(tensor);
  const used = new Set(assignments.flatMap(({ tensors }) => tensors));
  const missing = [...used].filter((tensor) => !has(tensor));
  const left = [...file.tensors.keys()].filter((tensor) => !used.has(tensor));
  const strangers = left.filter((tensor) => !mayBeLeft(tensor));
  const whole = assignments.filter(({ tensors }) => tensors.every(has));
  const misfits = whole.flatMap((assignment) => misfitOf(assignment, file) ?? []);
  const faults = [
    ...(unmapped.length === 0 ? [] : [`the map says nothing of ${listed(unmapped.map(({ name }) => name))}`]),
    ...(missing.length === 0 ? [] : [`missing in the file: ${listed(missing)}`]),
    ...(strangers.length === 0 ? [] : [`left over in the file: ${listed(strangers)}`]),
    ...misfits,
  ];
  if (faults.length === 0) return left;
  throw new BanyanError(
    'checkpoint',
    `${from} does not fit into ${[into].flat().join(', ')}. ${faults.map((fault) => `${fault[0]!.toUpperCase()}${fault.slice(1)}.`).join(' ')} Expected each weight of these parts from the file, and nothing left over. Build the network as the weights were, correct the map, or name what may be left over in \`ignore\`.`,
  );
}

async function setWeights(file: WeightFile, { assignments }: Mapped): Promise<void> {
  const values: tf.Tensor[] = [];
  try {
    for (const assignment of assignments) {
      const value = await readValue(assignment, file);
      values.push(value);
      if (tf.tidy(() => tf.isFinite(value).all().dataSync()[0]) === 0) throw notFinite(file.path, assignment.tensors);
    }
    for (const [i, { target }] of assignments.entries()) target.variable.tensor.assign(values[i]!);
  } finally {
    tf.dispose(values);
  }
}

const notFinite = (path: string, tensors: readonly string[]) =>
  new BanyanError(
    'checkpoint',
    `${path}: ${tensors.join(', ')} ${tensors.length > 1 ? 'hold' : 'holds'} a number that is not finite, expected finite ones. Use another copy.`,
  );
