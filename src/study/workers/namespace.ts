import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A network of its own on this machine, with a loopback interface alone. It is there until it is left, or this process has ended. */
export interface Namespace {
  /** The command that starts another one within. */
  readonly within: readonly string[];
  leave(): void;
}

/** Brings up the loopback interface, says so, and stays until nobody holds the other end of its input. */
const HOLD = 'ip link set lo up && echo up && exec cat';

/**
 * Opens a network namespace, which nothing outside reaches, by `unshare`, `nsenter` and `ip`. Where the system does not permit it, or has
 * not got them, it gives what they said.
 */
export async function openNamespace(): Promise<Namespace | string> {
  const isRoot = process.getuid?.() === 0;
  // Who is not root may have a network only as a user of a namespace of users, in which it stays the same user.
  const user = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const holder = spawn('unshare', [...user, '--net', 'sh', '-c', HOLD], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const failed = new Promise<string>((done) => {
    holder.on('error', ({ message }) => done(message));
    holder.on('close', () => done(said.trim().replaceAll('\n', '; ')));
  });
  const up = once(holder.stdout, 'data').then(() => undefined);
  const why = await Promise.race([up, failed]);
  if (why !== undefined) return why;
  const target = ['--target', String(holder.pid), '--net'];
  holder.unref();
  return {
    within: ['nsenter', ...target, ...(isRoot ? [] : ['--user', '--preserve-credentials']), '--'],
    leave: () => void holder.stdin.end(),
  };
}
