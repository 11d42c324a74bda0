// Parts of the shapes of the models in test/golden/pretrained.py, with a head that shows what the trunk gives.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  encoderTrunk,
  type HeadContext,
  type Network,
  type StemContext,
} from '../../src/index.ts';
import { fromLayers } from '../../src/layers/index.ts';
import { root } from '../repository.ts';

/** What the libraries gave. */
export interface Expected {
  readonly pieces: Readonly<Record<string, readonly number[]>>;
  readonly bert: readonly { readonly texts: readonly string[]; readonly output: readonly (readonly number[])[] }[];
  readonly vit: { readonly pictures: readonly number[][]; readonly output: readonly (readonly number[])[][] };
  readonly keras: { readonly pictures: readonly number[][]; readonly output: readonly number[][] };
}

const golden = (name: string) => join(root, 'test/golden', name);

/** Unpacks the models that are kept in the repository: weights of 16 bits, BERT in two files. */
export function unpackModels(folder: string): void {
  const files = JSON.parse(readFileSync(golden('pretrained.json'), 'utf8')) as Record<string, string>;
  for (const [name, packed] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), inflateSync(Buffer.from(packed, 'base64')));
  }
}

/** A Python with torch, transformers, keras and tokenizers. */
export const python = process.env.BANYAN_PYTHON;

/** Has the libraries make models of another seed, of 32 bits. */
export const makeModels = (folder: string): void =>
  void execFileSync(python!, [golden('pretrained.py'), folder, '11'], { stdio: 'pipe' });

export const expectedOf = (folder: string): Expected => JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

/** Gives all tokens that it reads, as they are. */
const showing = (context: HeadContext) => {
  // A head that learns nothing would be one that no task has.
  context.variable('unused', [1], 'zeros');
  return {
    metrics: [],
    forward: (tokens: tf.Tensor3D) => tokens,
    loss: (tokens: tf.Tensor) => tokens.square().mean([1, 2]) as tf.Tensor1D,
    decode: (tokens: Float32Array) => tokens,
  };
};

const shape = { width: 16, depth: 2, heads: 2, hidden: 32 } as const;
const source = (input: unknown) => arraySource({ inputs: [input], targets: [0], validation: 0 });

export async function bertNetwork(folder: string, trunk: Partial<Parameters<typeof encoderTrunk>[0]> = {}) {
  const vocabulary = await text.readWordPieces(join(folder, 'vocab.txt'), { lowercase: true });
  const stem = text.wordPieceStem({ vocabulary, length: 12 });
  const task = defineTask({ name: 'texts', stem, head: showing, source: source('run') as never });
  return createNetwork({ trunk: encoderTrunk({ ...shape, norm: 'post', ...trunk }), tasks: [task as AnyTask] });
}

export async function vitNetwork() {
  const stem = vision.patchStem({ height: 8, width: 8, channels: 2, patch: 4, classToken: true });
  const task = defineTask({ name: 'pictures', stem, head: showing, source: source(new Float32Array(128)) as never });
  return createNetwork({ trunk: encoderTrunk(shape), tasks: [task as AnyTask] });
}

/** The layers of the Keras model, as tf.layers has them. */
export const layersModel = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, activation: 'relu' }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 8, activation: 'tanh' }),
      tf.layers.dense({ units: 4 }),
    ],
  });

/** A network whose stem is such a model; its trunk gives what it is given. */
export async function layersNetwork(model: tf.LayersModel): Promise<Network> {
  const wrapped = fromLayers(model);
  const stem = (context: StemContext) => {
    const forward = wrapped(context);
    return {
      modality: 'pictures',
      inputShape: [6, 6, 1],
      prepare: (raw: readonly number[]) => Float32Array.from(raw),
      forward: (batch: tf.Tensor, call: Parameters<typeof forward>[1]) =>
        forward(batch, call).expandDims(1) as tf.Tensor3D,
    };
  };
  const identity = {
    ...denseTrunk({ width: 4, depth: 1 }),
    kind: 'identity',
    block: () => ({ forward: (x: tf.Tensor3D) => x }),
  };
  const task = defineTask({ name: 'pictures', stem, head: showing, source: source(new Array(36).fill(0)) as never });
  return createNetwork({ trunk: identity, tasks: [task as AnyTask] });
}

/** The largest distance of numbers from those that were expected, which may be fewer: what follows them is padding. */
export const apart = (numbers: ArrayLike<number>, expected: readonly number[]): number =>
  expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - numbers[i]!)), 0);
