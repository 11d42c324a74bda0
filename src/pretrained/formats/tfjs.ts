import { z } from 'zod';
import { checked } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { RangeFile } from '../../files/range-file.ts';
import type { WeightFile, WeightTensor } from '../weight-file.ts';
import { beside } from './beside.ts';
import { readJsonFile } from './json-file.ts';

const BYTES = 4;

const specSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.string(),
  quantization: z.unknown().optional(),
  group: z.string().optional(),
});
const schema = z.object({
  modelTopology: z.unknown().optional(),
  weightsManifest: z.array(
    z.object({ paths: z.array(z.string()), weights: z.array(specSchema) }),
    'expected the groups of weights that a saved tf.layers model has',
  ),
});

/**
 * Opens a saved tf.layers model: `model.json` and the files of numbers beside it. An optimiser's state in them is left out.
 * @throws BanyanError `checkpoint` for weights that are not float32, or are not all there, and for frozen layers, whose weights are saved
 * out of their order.
 */
export async function openTfjs(path: string): Promise<WeightFile> {
  const { modelTopology, weightsManifest } = checked(schema, await readJsonFile(path), path);
  if (hasFrozen(modelTopology)) throw frozen(path);
  const shards: RangeFile[] = [];
  const close = async () => {
    for (const shard of shards) await shard.close();
  };
  try {
    const tensors = new Map<string, WeightTensor>();
    for (const { paths, weights } of weightsManifest) {
      const group: RangeFile[] = [];
      for (const name of paths) {
        const shard = await RangeFile.open('checkpoint', beside(path, name));
        shards.push(shard);
        group.push(shard);
      }
      let begin = 0;
      for (const { name, shape, dtype, quantization, group: kind } of weights) {
        const [from, length] = [begin, BYTES * shape.reduce((a, b) => a * b, 1)];
        begin += length;
        if (kind === 'optimizer') continue;
        if (dtype !== 'float32' || quantization !== undefined)
          throw notFloat(path, name, quantization === undefined ? dtype : 'quantized');
        if (tensors.has(name)) throw fault(path, `has two weights named "${name}"`);
        tensors.set(name, { shape, read: async () => new Float32Array(await readAcross(group, from, length)) });
      }
      const there = group.reduce((sum, { size }) => sum + size, 0);
      if (there !== begin) throw fault(path, `needs ${begin} bytes of numbers, and ${paths.join(', ')} have ${there}`);
    }
    return { path, format: 'tfjs', files: [path, ...shards.map((shard) => shard.path)], tensors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads bytes of several files as if they stood one after the other. */
async function readAcross(files: readonly RangeFile[], begin: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let [start, done] = [0, 0];
  for (const file of files) {
    const from = Math.max(begin + done - start, 0);
    const count = Math.min(file.size - from, length - done);
    if (count > 0) {
      bytes.set(await file.read(from, count), done);
      done += count;
    }
    start += file.size;
  }
  return bytes.buffer;
}

/** Whether the description of a model has a layer in it that is not trained. */
function hasFrozen(topology: unknown): boolean {
  // A list of what is to be looked at, and no recursion: JSON may be deeper than functions may call each other.
  const waiting = [topology];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    if ((part as { trainable?: unknown }).trainable === false) return true;
    for (const value of Object.values(part)) waiting.push(value);
  }
  return false;
}

const frozen = (path: string) =>
  new BanyanError(
    'checkpoint',
    `${path} was saved with frozen layers, expected none: their weights stand out of their order. Set trainable to true in all layers, and save the model again.`,
  );

const fault = (path: string, what: string) =>
  new BanyanError('checkpoint', `${path} ${what}. Expected a saved model that is whole. Save it again.`);

const notFloat = (path: string, name: string, dtype: string) =>
  new BanyanError(
    'checkpoint',
    `${path}: "${name}" is ${dtype}, expected float32. Save the model again with float32 weights, not quantized.`,
  );
