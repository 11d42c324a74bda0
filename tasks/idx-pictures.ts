import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { holdOutFraction, readIdx, type Source, type StoredSet, storedSource } from 'banyan-ml/data';

/** A set of labelled pictures in MNIST's four files, gzipped or plain. */
export interface IdxPictures {
  readonly folder: string;
  readonly licence: string;
  readonly description: string;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
}

/** Pixels as bytes, `[height, width]`; one tenth of the training files is held out for validation. */
export function idxPictures(set: IdxPictures): Source<Uint8Array, number> {
  const { folder, licence, description } = set;
  return storedSource({ folder, facts: { licence, description }, open: (path) => openPictures(path, set) });
}

/** The same, once its folder is known. */
export function openPictures(
  path: string,
  set: Pick<IdxPictures, 'height' | 'width' | 'classes'>,
): StoredSet<Uint8Array, number> {
  const stored = pair(path, 'train', set);
  const test = pair(path, 't10k', set);
  const partition = holdOutFraction(stored.count, 0.1);
  return {
    counts: { training: partition.training, validation: partition.validation, test: test.count },
    example: (split, index) => (split === 'test' ? test.example(index) : stored.example(partition.at(split, index))),
    strata: (split) =>
      split === 'test'
        ? test.targets
        : Uint8Array.from({ length: partition[split] }, (_, i) => stored.targets[partition.at(split, i)]!),
  };
}

/** The pictures and the labels of one split, checked against each other. */
function pair(
  folder: string,
  name: string,
  { height, width, classes }: Pick<IdxPictures, 'height' | 'width' | 'classes'>,
) {
  const images = readIdx(either(join(folder, `${name}-images-idx3-ubyte`)));
  const labels = readIdx(either(join(folder, `${name}-labels-idx1-ubyte`)));
  const count = images.shape[0]!;
  const shape = [count, height, width];
  if (images.shape.join() !== shape.join()) {
    throw new BanyanError(
      'data',
      `${images.path}, byte 4: expected dimensions [count, ${height}, ${width}], received [${images.shape.join(', ')}]. Fetch the file again.`,
    );
  }
  if (labels.shape.join() !== String(count)) {
    throw new BanyanError(
      'data',
      `${labels.path}, byte 4: expected one label for each of the ${count} pictures of ${images.path}, received dimensions [${labels.shape.join(', ')}]. Fetch both files again.`,
    );
  }
  const targets = labels.read(0, count);
  const wrong = targets.findIndex((label) => label >= classes);
  if (wrong !== -1) {
    throw new BanyanError(
      'data',
      `${labels.path}, byte ${labels.offset + wrong}: expected a label from 0 to ${classes - 1}, received ${targets[wrong]}. Fetch the file again.`,
    );
  }
  return { count, targets, example: (i: number) => ({ input: images.read(i, i + 1), target: targets[i]! }) };
}

const either = (path: string) => (existsSync(path) ? path : `${path}.gz`);
