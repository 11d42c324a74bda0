import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  clearUnfinished,
  decodeSafetensors,
  encodeSafetensors,
  joinNumbers,
  jsonText,
  readFolder,
  type StoredTensor,
  separateNumbers,
  writeFolder,
} from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import { fileError } from '../file-error.ts';
import {
  assertSameSettings,
  describeNetwork,
  type Network,
  type NetworkDescription,
  networkFiles,
  restoreNetwork,
  uncompared,
} from '../network/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import type { Json } from '../task/contract.ts';
import type { ReadingState } from './batches.ts';
import { readSnapshots, restoreSnapshots } from './snapshots.ts';
import { ensureSlots, readSlots, restoreSlots, type TrainingState } from './state.ts';

const OPTIMIZER = 'optimizer.safetensors';
const SNAPSHOTS = 'snapshots.safetensors';
const SOURCES = 'sources.safetensors';
/** Where the states of sources begin in it. */
const ROOT = 'source';
// The newest may be damaged by the disk; the one before it is kept for that.
const KEPT = 2;

/** What a checkpoint says of the training, beside weights and optimiser state. */
interface TrainingRecord {
  readonly step: number;
  /** The evaluation after that step was ended early, and is made when the training goes on. */
  readonly unevaluated?: true;
  readonly updates: number;
  readonly joined: Readonly<Record<string, number>>;
  /** Where reading stands; long lists of numbers of a source's state are in a file of their own. */
  readonly reading: Pick<ReadingState, 'positions' | 'shapes'> & { readonly sources: Json };
  /** State of the balancer, where it has one. */
  readonly balance?: Json;
  /** What must be the same for the run to go on to the same bits. */
  readonly settings: Readonly<Record<string, Json>>;
}

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const stepOf = (name: string) => Number(/^step-(\d+)$/.exec(name)?.[1] ?? Number.NaN);

async function stepsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw fileError('checkpoint', folder, 'read', error);
  });
  return names
    .map(stepOf)
    .filter((step) => !Number.isNaN(step))
    .sort((a, b) => b - a);
}

/** @throws BanyanError `checkpoint` for a folder with checkpoints of another training: a new one would mix with them. */
export async function assertNoCheckpoints(folder: string): Promise<void> {
  const [newest] = await stepsIn(folder);
  if (newest === undefined) return;
  throw new BanyanError(
    'checkpoint',
    `${folder} holds checkpoints of another training (${nameOf(newest)}), expected a folder without any. Resume that training, or choose another folder.`,
  );
}

/** Writes a checkpoint, whole or not at all, and removes all but the newest two. Returns its folder. */
export async function writeCheckpoint(
  folder: string,
  network: Network,
  state: TrainingState,
  record: Pick<TrainingRecord, 'step' | 'unevaluated' | 'settings'>,
): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError('checkpoint', folder, 'made', cause);
  });
  await clearUnfinished(folder, 'step-');
  const path = join(folder, nameOf(record.step));
  const files = await networkFiles(network);
  files.set(OPTIMIZER, encodeSafetensors(await readSlots(state)));
  if (state.snapshots.size > 0) files.set(SNAPSHOTS, encodeSafetensors(await readSnapshots(state.snapshots)));
  const numbers = new Map<string, StoredTensor>();
  const { sources } = state.reading;
  const reading = { ...state.reading, sources: separateNumbers(sources, ROOT, numbers) };
  if (numbers.size > 0) files.set(SOURCES, encodeSafetensors(numbers));
  const balance = state.balance?.balancer?.state?.();
  const training: TrainingRecord = {
    ...record,
    updates: state.updates,
    joined: Object.fromEntries(state.joined),
    reading,
    ...(balance === undefined ? {} : { balance }),
  };
  // What stands there is damaged, or the training would have gone on from it.
  await rm(path, { recursive: true, force: true });
  await writeFolder(path, files, { ...describeNetwork(network), training } as unknown as Json);
  for (const step of (await stepsIn(folder)).slice(KEPT))
    await rm(join(folder, nameOf(step)), { recursive: true, force: true });
  return path;
}

/**
 * Puts the newest whole checkpoint into network and state, and returns its step and folder.
 * @throws BanyanError `checkpoint` when there is none that is whole, or when it was made with other settings.
 */
export async function restoreCheckpoint(
  folder: string,
  network: Network,
  state: TrainingState,
  settings: Readonly<Record<string, Json>>,
): Promise<{ step: number; unevaluated: boolean; path: string; compile: CompileMode }> {
  const damaged: string[] = [];
  for (const step of await stepsIn(folder)) {
    const path = join(folder, nameOf(step));
    let read: Awaited<ReturnType<typeof readFolder>>;
    try {
      read = await readFolder(path);
    } catch (error) {
      damaged.push((error as Error).message);
      continue;
    }
    const { training } = read.content as unknown as { training: TrainingRecord };
    compareSettings(path, training.settings, settings);
    const described = describeNetwork(network);
    assertSameSettings(path, read.content as unknown as NetworkDescription, described);
    warnOfUncompared(path, described);
    restoreNetwork(network, read, path);
    await network.frozen.verify();
    const file = join(path, OPTIMIZER);
    const slots = decodeSafetensors(read.files.get(OPTIMIZER)!, file);
    // Also those of tasks that trained before and do not take part now.
    const named = new Set([...slots.keys()].map((name) => name.split('#')[0]));
    ensureSlots(
      state,
      network.body.store.all().filter(({ name }) => named.has(name)),
    );
    restoreSlots(state, slots, file);
    const snapshots = read.files.get(SNAPSHOTS);
    const place = join(path, SNAPSHOTS);
    restoreSnapshots(state.snapshots, snapshots === undefined ? new Map() : decodeSafetensors(snapshots, place), place);
    state.updates = training.updates;
    state.joined.clear();
    for (const [name, updates] of Object.entries(training.joined)) state.joined.set(name, updates);
    const numbers = read.files.get(SOURCES);
    const apart = numbers === undefined ? new Map() : decodeSafetensors(numbers, join(path, SOURCES));
    const sources = joinNumbers(training.reading.sources, ROOT, apart) as ReadingState['sources'];
    state.reading = { ...training.reading, sources };
    if (training.balance !== undefined) state.balance?.balancer?.restore?.(training.balance);
    const { step: reached, unevaluated = false } = training;
    return { step: reached, unevaluated, path, compile: sameMode(path, network, training.settings, settings) };
  }
  throw new BanyanError(
    'checkpoint',
    `${folder} holds no whole checkpoint${damaged.length > 0 ? ` (${damaged.join(' ')})` : ''}. Expected a folder step-… written by a training. Train anew.`,
  );
}

/** The mode that makes the bits of the steps that are left: under `auto` a step that cannot be a graph runs eagerly. */
function sameMode(
  path: string,
  { body: { runner } }: Network,
  saved: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
): CompileMode {
  const [before, mode] = [saved.compile as CompileMode, now.compile as CompileMode];
  if (mode !== 'auto' || before === 'eager') return before;
  if (runner.modeOf(mode, 'train') === before) return mode;
  throw new BanyanError(
    'checkpoint',
    `${path} was trained in graphs, and this process can run none: the run would not end with the same bits. Make TensorFlow's C library available (\`banyan doctor\` says what is missing), or load the network and train it anew.`,
  );
}

/** JSON has no word for infinity. */
const shown = (value: Json | undefined) => (typeof value === 'number' ? String(value) : JSON.stringify(value));

/** As it is read back. */
const written = (setting: Json | undefined): Json | undefined =>
  setting === undefined ? undefined : JSON.parse(jsonText(setting));

/** Says of which stems, heads and options nothing can tell whether they are those of the checkpoint. */
function warnOfUncompared(path: string, { tasks, assets }: NetworkDescription): void {
  const parts = new Set(tasks.flatMap(({ name, stem }) => [stem, `head/${name}`]));
  const unknown = uncompared([...parts], assets);
  if (unknown.length === 0) return;
  process.emitWarning(
    `resume: whether these are as they were when ${path} was written cannot be told, since they do not say what they are made with: ${unknown.join(', ')}. Expected context.settings({ … }) in a stem or head (of one without options, { version: 1 }), and a property config on a function. Make sure that they are the same, or add that.`,
    'BanyanWarning',
  );
}

function compareSettings(
  path: string,
  saved: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
): void {
  for (const key of new Set([...Object.keys(saved), ...Object.keys(now)])) {
    // Whatever `auto` meant then, it means again.
    if (!isDeepStrictEqual(saved[key], written(now[key])) && !(key === 'compile' && now.compile === 'auto')) {
      throw new BanyanError(
        'checkpoint',
        `${path} was trained with ${key} = ${shown(saved[key])}, and now it is ${shown(now[key])}: the run would not end with the same bits. Resume with the same settings, or load the network and train it anew.`,
      );
    }
  }
}
