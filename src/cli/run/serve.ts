import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { AnyNetwork } from '../../network/index.ts';
import { followRun } from '../../serve/follow.ts';
import { type NetworkServer, type ServeOptions, serve } from '../../serve/index.ts';
import { onInterrupt } from '../../study/process/signals.ts';
import { markOfSaved } from '../../study/run/saved.ts';
import { openSession, restoreNetwork, type Session } from '../../study/run/session.ts';
import { withProgress } from '../progress.ts';

/** A run to serve. `name`: how its network is called, where several are served. */
export interface ServedRun {
  readonly name: string | undefined;
  readonly folder: string;
  readonly loaded: LoadedExperiment;
}

interface OpenRun extends ServedRun {
  readonly session: Session;
  readonly network: AnyNetwork;
  readonly mark: string | undefined;
}

/** What the shell is told of a process that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** Serves runs until Ctrl-C or SIGTERM, and then answers the requests in flight. */
export async function serveRuns(runs: readonly ServedRun[], options: ServeOptions): Promise<void> {
  assertNamed(runs);
  const stopping = new AbortController();
  const { open, server } = await withProgress('reading the network', async (progress) => {
    const open: OpenRun[] = [];
    for (const run of runs) {
      const session = await openSession(run.loaded);
      const mark = await markOfSaved(run.folder);
      const { network } = await restoreNetwork(session, run.folder);
      open.push({ ...run, session, network, mark });
    }
    progress.tell('getting ready');
    const [first] = open;
    const named = Object.fromEntries(open.map(({ name, network }) => [name!, network]));
    return { open, server: await serve(open.length === 1 ? first!.network : named, options) };
  });
  process.stdout.write(`Serving at ${server.url}: open it for the tasks and how to ask them. Ctrl-C ends.\n`);
  const release = onInterrupt(
    () => stopping.abort(),
    () => process.exit(INTERRUPTED),
  );
  const last = await Promise.all(open.map((run) => follow(run, open.length === 1, server, stopping.signal)));
  await server.close();
  for (const network of last) network.dispose();
  release();
}

/** @throws BanyanError `argument` for several runs without names. */
function assertNamed(runs: readonly ServedRun[]): void {
  const names = runs.map(({ name }) => name);
  if (runs.length === 1 || (names.every((name) => name !== undefined) && new Set(names).size === names.length)) return;
  throw new BanyanError(
    'argument',
    `serve: received ${runs.map(({ folder }) => folder).join(', ')}, expected a name of its own for each of several runs. Write NAME=DIR.`,
  );
}

/** Has a run's newest network served until the signal is aborted, and gives the one that is served then. */
async function follow(
  { name, folder, session, network, mark }: OpenRun,
  alone: boolean,
  server: NetworkServer,
  signal: AbortSignal,
): Promise<AnyNetwork> {
  let serving = network;
  const replace = async (next: AnyNetwork) => {
    const before = await (alone ? server.replace(next) : server.replace(next, name));
    serving = next;
    return before;
  };
  const told = (path: string) => void process.stdout.write(`${path} is served from now on.\n`);
  await followRun({ session, folder, replace, told }, mark, signal);
  return serving;
}
