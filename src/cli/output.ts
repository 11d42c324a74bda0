import { whyOf } from '../files/file-error.ts';

const FAILURE = 1;

/**
 * What becomes of a command whose output can be written no more. Where nobody reads any longer (`| head`, a terminal that was closed), a
 * training saves what it has and ends; else, and where a device is full, a training goes on without, and any other command fails.
 */
export function watchOutput(): void {
  let told = false;
  const handle = (error: NodeJS.ErrnoException) => {
    if (told) return;
    told = true;
    const trains = process.listenerCount('SIGHUP') > 0;
    const read = error.code !== 'EPIPE' && error.code !== 'EIO';
    if (read) process.emitWarning(`The output cannot be written: ${whyOf(error)}.`, 'BanyanWarning');
    if (!trains) process.exit(FAILURE);
    if (!read) process.emit('SIGHUP', 'SIGHUP');
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', handle);
}
