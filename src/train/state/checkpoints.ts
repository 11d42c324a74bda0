import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  encodeSafetensors,
  jsonText,
  type StoredTensor,
  separateNumbers,
  writeFolder,
} from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { clearUnfinished } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { namesIn } from '../../files/unless-missing.ts';
import {
  assertFinite,
  assertSameSettings,
  describeNetwork,
  type Network,
  type NetworkDescription,
  networkFiles,
  restoreNetwork,
  uncompared,
} from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import type { Json } from '../../task/contract.ts';
import { ensureSlots, readSlots, restoreSlots, type TrainingState } from './optimizer-state.ts';
import {
  type Checkpoint,
  OPTIMIZER,
  ROOT,
  readCheckpoint,
  type Settings,
  SNAPSHOTS,
  SOURCES,
  type TrainingRecord,
} from './record.ts';
import { readSnapshots, restoreSnapshots } from './snapshots.ts';

// The newest may be damaged by the disk; the one before it is kept for that.
const KEPT = 2;

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const stepOf = (name: string) => Number(/^step-(\d{8,15})$/.exec(name)?.[1] ?? Number.NaN);

/** Steps after which a checkpoint stands in the folder, the newest first; none where it is missing. */
async function stepsIn(folder: string): Promise<number[]> {
  const names = await namesIn(folder).catch((error) => {
    throw fileError('checkpoint', folder, 'read', error);
  });
  return names
    .map(stepOf)
    .filter((step) => !Number.isNaN(step))
    .sort((a, b) => b - a);
}

/**
 * The folders of a training's checkpoints, the newest first; none where the folder is missing.
 * @throws BanyanError `checkpoint` where it cannot be read.
 */
export const checkpointsIn = async (folder: string): Promise<string[]> =>
  (await stepsIn(folder)).map((step) => join(folder, nameOf(step)));

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
  const slots = await readSlots(state);
  assertFinite(
    { file: OPTIMIZER, tensors: slots },
    'Load the network of the checkpoint before, and train it on at a lower learning rate.',
  );
  files.set(OPTIMIZER, encodeSafetensors(slots));
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
  const steps = await stepsIn(folder);
  // A later one is damaged, or the training would have gone on from it.
  const later = steps.filter((step) => step > record.step);
  for (const step of [...later, ...steps.slice(later.length + KEPT)])
    await rm(join(folder, nameOf(step)), { recursive: true, force: true });
  return path;
}

/**
 * The newest checkpoint that is whole. Each newer one is passed over with a warning that names both.
 * @throws BanyanError `checkpoint` when there is none.
 */
async function newestWhole(folder: string): Promise<Checkpoint> {
  const damaged: string[] = [];
  for (const step of await stepsIn(folder)) {
    const path = join(folder, nameOf(step));
    try {
      const checkpoint = await readCheckpoint(path, step);
      for (const why of damaged) {
        process.emitWarning(
          `resume passes over a damaged checkpoint: ${why} It goes on from an older one, ${path}, and makes the steps between once more.`,
          'BanyanWarning',
        );
      }
      return checkpoint;
    } catch (error) {
      if (!(error instanceof BanyanError && error.code === 'checkpoint')) throw error;
      damaged.push(error.message);
    }
  }
  throw new BanyanError(
    'checkpoint',
    `${folder} holds no whole checkpoint${damaged.length > 0 ? ` (${damaged.join(' ')})` : ''}. Expected a folder step-… written by a training. Train anew.`,
  );
}

/**
 * Puts the newest whole checkpoint into network and state, and returns its step and folder. One that is damaged in whatever way is
 * passed over; what a whole one says and the network or the settings do not is a difference that somebody made.
 * @throws BanyanError `checkpoint` when there is none that is whole, or when it was made with other settings.
 */
export async function restoreCheckpoint(
  folder: string,
  network: Network,
  state: TrainingState,
  settings: Settings,
): Promise<{ step: number; unevaluated: boolean; path: string; compile: CompileMode }> {
  const { path, network: saved, stored, training, reading, slots, snapshots } = await newestWhole(folder);
  compareSettings(path, training.settings, settings);
  const described = describeNetwork(network);
  assertSameSettings(path, saved, described);
  warnOfUncompared(path, described);
  restoreNetwork(network, saved, stored);
  await network.frozen.verify();
  // Also those of tasks that trained before and do not take part now.
  const named = new Set([...slots.tensors.keys()].map((name) => name.split('#')[0]));
  ensureSlots(
    state,
    network.body.store.all().filter(({ name }) => named.has(name)),
  );
  restoreSlots(state, slots);
  restoreSnapshots(state.snapshots, snapshots);
  state.updates = training.updates;
  state.joined.clear();
  for (const [name, updates] of Object.entries(training.joined)) state.joined.set(name, updates);
  state.reading = reading;
  if (training.balance !== undefined) state.balance?.balancer?.restore?.(training.balance);
  const { step: reached, unevaluated = false } = training;
  return { step: reached, unevaluated, path, compile: sameMode(path, network, training.settings, settings) };
}

/** The mode that makes the bits of the steps that are left: under `auto` a step that cannot be a graph runs eagerly. */
function sameMode(
  path: string,
  { body: { runner } }: Network,
  { compile: before }: TrainingRecord['settings'],
  now: Settings,
): CompileMode {
  const mode = now.compile as CompileMode;
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

function compareSettings(path: string, saved: Settings, now: Settings): void {
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
