import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Measures by a hidden command of this program, in a process of its own: nobody's memory or threads are in another's way. */
export async function ownProcess<Measured>(...args: readonly string[]): Promise<Measured> {
  const { stdout } = await run(process.execPath, [...process.execArgv, process.argv[1]!, ...args]);
  return JSON.parse(stdout) as Measured;
}
