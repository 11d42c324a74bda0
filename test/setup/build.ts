// The command line is tested as it is installed: from `dist`, which is made anew where a source is newer than it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { builtCommand, root } from '../repository.ts';

const SOURCES = ['src', 'heads', 'tasks'];

/** When the newest file or folder below these was changed, in milliseconds. A removed file changes its folder. */
const newest = (folders: readonly string[]): number =>
  Math.max(
    ...folders.flatMap((folder) =>
      ['', ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })].map(
        (name) => statSync(join(root, folder, name)).mtimeMs,
      ),
    ),
  );

const isBuilt = (): boolean => existsSync(builtCommand) && statSync(builtCommand).mtimeMs > newest(SOURCES);

export default function build(): void {
  if (isBuilt()) return;
  const { status } = spawnSync(process.execPath, [join(root, 'src/cli/bootstrap.mjs'), 'build'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The package could not be built, and the command line is tested as it is built.');
}
