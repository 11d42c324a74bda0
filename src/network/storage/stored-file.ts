import { join } from 'node:path';
import { decodeSafetensors, type ReadFolder, type StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';

/** The tensors of a file, by name. */
export interface StoredFile {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** One of a saved folder's files of tensors; none are in a file that the folder does not have. */
export function storedFile({ files }: ReadFolder, folder: string, name: string): StoredFile {
  const file = join(folder, name);
  const bytes = files.get(name);
  return { file, tensors: bytes === undefined ? new Map() : decodeSafetensors(bytes, file) };
}

/** @throws BanyanError `checkpoint` naming the first tensor with a number that is not finite, and the number. `mend`: what to do. */
export function assertFinite({ file, tensors }: StoredFile, mend = 'Use another copy, or another checkpoint.'): void {
  for (const [name, { values }] of tensors) {
    let at = 0;
    while (at < values.length && Number.isFinite(values[at])) at++;
    if (at === values.length) continue;
    throw new BanyanError(
      'checkpoint',
      `${file}: "${name}" holds ${values[at]} (number ${at}), expected finite numbers. ${mend}`,
    );
  }
}

/** @throws BanyanError `checkpoint` unless a file's tensor of this name is there and has this shape. */
export function assertStored(
  shape: readonly number[],
  stored: StoredTensor | undefined,
  name: string,
  file: string,
): asserts stored is StoredTensor {
  const expected = `[${shape.join(', ')}]`;
  const received = stored === undefined ? 'nothing' : `[${stored.shape.join(', ')}]`;
  if (expected === received) return;
  throw new BanyanError(
    'checkpoint',
    `${file}: "${name}" should be ${expected}, received ${received}. Give the same trunk and the same tasks with the same options as it was saved with.`,
  );
}
