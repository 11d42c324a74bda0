// Starts programs as the workers of a cluster on this machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ClusterOptions } from '../../src/index.ts';
import { root } from '../repository.ts';

/** So many ports of this machine that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const listen = () =>
    new Promise<Server>((done) => {
      const server = createServer().listen(0, '127.0.0.1', () => done(server));
    });
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** The clusters of so many workers, by the worker. */
export async function clusterOf(count: number, joinSeconds = 60): Promise<ClusterOptions[]> {
  const workers = (await freePorts(count)).map((port) => `127.0.0.1:${port}`);
  return workers.map((_, index) => ({ workers, index, joinSeconds }));
}

export interface Ended {
  /** Exit code; null where a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a TypeScript program; a process that has not ended after a while is killed. */
export function start(
  file: string,
  argument: object,
  {
    env = {},
    watch = () => {},
    seconds = 580,
    within = [],
  }: {
    env?: object;
    watch?: (stdout: string, child: ChildProcess) => void;
    seconds?: number;
    /** A command that starts it somewhere else, as in a network namespace. */
    within?: readonly string[];
  } = {},
): Promise<Ended> {
  const node = [process.execPath, '--conditions=source', '--import', 'tsx', join(root, file), JSON.stringify(argument)];
  const [command, ...args] = [...within, ...node] as [string, ...string[]];
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', TF_CPP_MIN_LOG_LEVEL: '3', ...env },
  });
  const killer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (more) => {
    stdout += more;
    watch(stdout, child);
  });
  child.stderr.on('data', (more) => (stderr += more));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(killer);
      done({ code, stdout, stderr });
    });
  });
}
