import { isDeepStrictEqual } from 'node:util';
import { decodeSafetensors, encodeSafetensors, type ReadFolder } from '../../checkpoint/index.ts';
import type { Team } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import { assignStored, describeNetwork, type Internals, readVariable } from '../../network/index.ts';
import { show } from '../../show.ts';
import type { Json } from '../../task/contract.ts';
import { type Checkpoint, checkpointOf, type Settings } from '../state/record.ts';
import { newestWhole } from '../state/restore.ts';
import { readSlots, restoreSlots } from '../state/slots.ts';
import type { TrainingState } from '../state/training-state.ts';

const WEIGHTS = 'weight/';
const SLOTS = 'slot/';

/**
 * Makes sure that all workers train the same network in the same way: on machines that compute alike, since each updates its own copy of
 * the weights.
 * @throws BanyanError `cluster` on all workers, with the first difference.
 */
export async function assertAlike(team: Team, network: Internals, settings: Settings): Promise<void> {
  const { device, ...same } = settings;
  const own: Settings = { ...same, network: describeNetwork(network) as unknown as Json, device: device ?? null };
  const all = await gatherJson(team, own, 'settings');
  for (const key of new Set(all.flatMap(Object.keys))) {
    const other = all.findIndex((worker) => !isDeepStrictEqual(worker[key], all[0]![key]));
    if (other < 0) continue;
    const [expected, received] = [all[0]![key], all[other]![key]].map((value) => show(JSON.stringify(value)));
    const said = `${key} of ${team.nameOf(other)} is ${received}, and of the chief ${expected}`;
    if (key !== 'device')
      throw new BanyanError(
        'cluster',
        `The workers would not train the same: ${said}. Expected the same program, experiment, data and kind of machine everywhere. Make them alike.`,
      );
    if (team.isChief)
      process.emitWarning(
        `${said}: machines that compute otherwise drift apart. Expected machines of one kind; differences are looked for at each checkpoint.`,
        'BanyanWarning',
      );
  }
}

/** Gives data of each worker to all. */
export async function gatherJson<T extends Json>(team: Team, data: T, what: string): Promise<readonly T[]> {
  const bytes = await team.gatherBytes(new TextEncoder().encode(JSON.stringify(data)), what);
  return bytes.map((text) => JSON.parse(new TextDecoder().decode(text)) as T);
}

/**
 * Gives the newest whole checkpoint in the chief's folder `from` to all; without one (undefined), the chief's weights and optimiser state.
 * What the others have in `from` does not matter: they need no disk in common.
 */
export async function shareState(
  team: Team,
  network: Internals,
  state: TrainingState,
  from: string | undefined,
): Promise<Checkpoint | undefined> {
  const read = team.isChief && from !== undefined ? await newestWhole(from) : undefined;
  const head = await team.share(
    read && { path: read.checkpoint.path, step: read.checkpoint.training.step },
    'checkpoint',
  );
  if (head === undefined) {
    await shareWeights(team, network, state);
    return undefined;
  }
  const folder = await shareFolder(team, read?.folder);
  return read?.checkpoint ?? checkpointOf(folder, head.path, head.step);
}

/** Gives a folder that the chief has read to all. */
async function shareFolder(team: Team, folder: ReadFolder | undefined): Promise<ReadFolder> {
  const { content, names } = (await team.share(
    folder && { content: folder.content, names: [...folder.files.keys()] },
    'checkpoint',
  )) as { content: Json; names: readonly string[] };
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await team.broadcast(folder?.files.get(name), 'checkpoint'));
  return { content, files };
}

async function shareWeights(team: Team, { body }: Internals, state: TrainingState): Promise<void> {
  const tensors = new Map<string, Awaited<ReturnType<typeof readVariable>>>();
  if (team.isChief) {
    for (const { name, tensor } of body.store.all()) tensors.set(`${WEIGHTS}${name}`, await readVariable(tensor));
    for (const [name, slot] of await readSlots(state)) tensors.set(`${SLOTS}${name}`, slot);
  }
  const file = 'the weights of the chief';
  const received = decodeSafetensors(await team.broadcast(encodeSafetensors(tensors), 'weights'), file);
  if (team.isChief) return;
  for (const { name, tensor } of body.store.all()) assignStored(tensor, received.get(`${WEIGHTS}${name}`), name, file);
  const slots = [...received].flatMap(([name, tensor]) =>
    name.startsWith(SLOTS) ? [[name.slice(SLOTS.length), tensor] as const] : [],
  );
  restoreSlots(state, { file, tensors: new Map(slots) });
}
