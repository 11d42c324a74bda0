import { networkInterfaces } from 'node:os';
import { BanyanError } from '../error.ts';
import { openClusterContext, startRuntime } from '../runtime/index.ts';
import { checkCluster, untilAllListen } from './addresses.ts';
import { Team } from './team.ts';
import type { ClusterOptions } from './tf-config.ts';
import { watched } from './waiting.ts';

const JOIN_SECONDS = 600;
/** Seconds without a sign of life after which a worker is taken for dead. On a machine with too much to do one may be silent for long. */
const HEARTBEAT_SECONDS = 60;
/** Seconds that joining may take once all workers listen. */
const MEET_SECONDS = 60;

/** TensorFlow can join one cluster in a process, and only once. */
let joined: { readonly options: string; readonly team: Promise<Team> } | undefined;

/**
 * Joins the other workers of a cluster, and waits until all are there; a later call for the same cluster gives the same team.
 * @throws BanyanError `argument` for a cluster that cannot be, or another one than before; `cluster` where not all come, with their
 * addresses; `runtime` where there is no C library.
 */
export async function joinCluster(options: ClusterOptions): Promise<Team> {
  checkCluster(options);
  const { workers, index } = options;
  const key = JSON.stringify([workers, index]);
  if (joined !== undefined && joined.options !== key)
    throw new BanyanError(
      'argument',
      `cluster: this process has joined ${joined.options}, expected the same again, received ${key}. TensorFlow joins one cluster in a process: start another process.`,
    );
  joined ??= { options: key, team: join(options) };
  return joined.team;
}

async function join({ workers, index, joinSeconds = JOIN_SECONDS }: ClusterOptions): Promise<Team> {
  await startRuntime();
  const place = { workers, index, joinSeconds, heartbeatSeconds: HEARTBEAT_SECONDS };
  const context = openClusterContext(place);
  const team = new Team(workers, index, context);
  warnOfServer(workers[index]!);
  // TensorFlow's chief would wait for ever, and nothing could end it: it begins once all others are there.
  if (team.isChief) await untilOthersListen(team, joinSeconds);
  const joining = context.join(place).catch((error: Error) => {
    throw notJoined(team, error.message, error);
  });
  const seconds = team.isChief ? MEET_SECONDS : joinSeconds + MEET_SECONDS;
  const waiting = team.isChief ? 'all others' : `the chief (${workers[0]})`;
  await watched(within(joining, seconds, team), () => `${team.nameOf(index)} waits for ${waiting}`);
  return team;
}

async function untilOthersListen(team: Team, seconds: number): Promise<void> {
  const others = team.workers.filter((_, i) => i !== team.index);
  let missing: readonly string[] = others;
  const all = untilAllListen(others, seconds, (addresses) => {
    missing = addresses;
  });
  missing = await watched(all, () => `${team.nameOf(team.index)} waits for ${missing.join(', ')}`);
  if (missing.length > 0) throw notJoined(team, `nobody answers at ${missing.join(', ')} after ${seconds} s`);
}

/** TensorFlow's own wait cannot be ended, and would keep the process at its end. */
async function within(joining: Promise<void>, seconds: number, team: Team): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      process.once('exit', () => process.kill(process.pid, 'SIGKILL'));
      fail(notJoined(team, `the others have not joined after ${seconds} s`));
    }, 1000 * seconds);
  });
  await Promise.race([joining, late]).finally(() => clearTimeout(timer));
}

const notJoined = (team: Team, why: string, cause?: unknown) =>
  new BanyanError(
    'cluster',
    `${team.nameOf(team.index)} could not join ${team.workers.filter((_, i) => i !== team.index).join(', ')}: ${why}. Expected all workers at these addresses, with the same list. Look whether each was started, and whether its port is free and can be reached. Nothing was trained.`,
    { cause },
  );

/** TensorFlow knows no other way. */
function warnOfServer(address: string): void {
  // In a network namespace of the workers alone nobody else is there.
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (interfaces.every(({ internal }) => internal)) return;
  const port = address.slice(address.lastIndexOf(':') + 1);
  process.emitWarning(
    `TensorFlow's server listens on port ${port} of all network interfaces, and whoever reaches it can use it: it asks for no password. Expected a network of the workers alone. See docs/machines.md for how to close it to others.`,
    'BanyanWarning',
  );
}
