import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { builtCommand, root } from '../repository.ts';

export interface Outcome {
  /** Exit code; null where a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Watch = (stdout: string, child: ChildProcess) => void;

/** Runs a TypeScript program of the repository. `watch` sees all of stdout so far, whenever there is more. */
export const program = (file: string, args: readonly string[], watch?: Watch): Promise<Outcome> =>
  run(['--conditions=source', '--import', 'tsx', join(root, file), ...args], watch);

/** Runs the built command line. */
export const banyan = (args: readonly string[], watch?: Watch): Promise<Outcome> => run([builtCommand, ...args], watch);

function run(args: readonly string[], watch: Watch = () => {}): Promise<Outcome> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (more) => {
    stdout += more;
    watch(stdout, child);
  });
  child.stderr.on('data', (more) => (stderr += more));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
