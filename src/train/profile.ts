import { writeFile } from 'node:fs/promises';
import { fileError } from '../files/file-error.ts';
import { roomLeft } from '../files/space-left.ts';

/** Writes a trace into a file. It is a by-product: what fails is a warning, and the training does not end over it. */
export async function writeProfile(path: string, trace: () => Promise<string>): Promise<void> {
  try {
    await writeFile(path, await trace());
  } catch (cause) {
    const { message } = fileError('argument', path, 'written', cause) as Error;
    process.emitWarning(`No profile: ${message}${roomLeft(path)} The training goes on.`, 'BanyanWarning');
  }
}
