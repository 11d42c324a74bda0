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

/**
 * Runs commands one after the other in one process, for where its being one is not what is tested: the modules and TensorFlow
 * are loaded once.
 */
export async function banyanEach(...commands: readonly (readonly string[])[]): Promise<Outcome[]> {
  const each = [join(root, 'test/cli/fixtures/each.mjs'), builtCommand, JSON.stringify(commands)];
  const { code, stdout, stderr } = await outcome(
    // What has this parent does not start a process of its own to train in (src/study/process/parent.ts).
    spawn(process.execPath, each, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', BANYAN_PARENT: String(process.pid) },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    }),
  );
  if (code !== 0 || stderr !== '') throw new Error(`The process of these commands ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Outcome[];
}

const run = (args: readonly string[], watch?: Watch): Promise<Outcome> =>
  outcome(spawn(process.execPath, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } }), watch);

function outcome(child: ChildProcess, watch: Watch = () => {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (more) => {
    stdout += more;
    watch(stdout, child);
  });
  child.stderr!.on('data', (more) => (stderr += more));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
