import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from './sha256.ts';

/** Written last, inside the folder, before the folder gets its name: whoever finds it finds a complete set-up. */
export interface Manifest {
  readonly wheel: string;
  readonly version: string;
  readonly sha256: string;
  /** All wheels that went in, by file name. */
  readonly wheels: readonly string[];
  readonly gpu: boolean;
  /** The npm package whose binding sources were compiled. */
  readonly binding: string;
  readonly compiler: string;
  readonly headers: string;
  /** Earlier set-ups took down no digests. */
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256?: string }[];
}

export const MANIFEST = 'manifest.json';
export const BINDING = 'lib/napi-v8/tfjs_binding.node';

export async function writeManifest(
  folder: string,
  manifest: Omit<Manifest, 'files'>,
  paths: readonly string[],
): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const file = join(folder, path);
      return { path, size: statSync(file).size, sha256: await sha256Of(file) };
    }),
  );
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify({ ...manifest, files }, null, 2)}\n`);
}

/**
 * The manifest of a complete folder, or in one clause why the folder cannot be used. Sizes are compared, not digests:
 * that costs microseconds at every start and notices what really happens, a truncated or a missing file.
 */
export function readManifest(folder: string): Manifest | string {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
    if (!Array.isArray(manifest.files)) return `its ${MANIFEST} lists no files`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `it has no ${MANIFEST}`;
    return `its ${MANIFEST} cannot be read (${(error as Error).message})`;
  }
  for (const { path, size } of manifest.files) {
    const found = statSync(join(folder, path), { throwIfNoEntry: false })?.size;
    if (found === undefined) return `${path} is missing`;
    if (found !== size) return `${path} has ${found} bytes instead of ${size}`;
  }
  return manifest;
}
