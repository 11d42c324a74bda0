import { isDeepStrictEqual } from 'node:util';
import { jsonText, type ReadFolder, readFolder } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import {
  assertSameSettings,
  describeNetwork,
  type Internals,
  type NetworkDescription,
  restoreNetwork,
  uncompared,
} from '../../network/index.ts';
import type { CompileMode, Runner } from '../../runtime/index.ts';
import { headScope } from '../../scope.ts';
import type { Json } from '../../task/contract.ts';
import type { DrawsState } from '../reading/draws.ts';
import { readingOf } from '../reading/reading-state.ts';
import type { SavedStopping } from '../stopping/early-stopping.ts';
import { withChanges } from './changes.ts';
import { checkpointPath, stepsIn } from './checkpoint-folder.ts';
import { type Checkpoint, checkpointOf, type Settings, type TrainingRecord } from './record.ts';
import { ensureSlots, restoreSlots } from './slots.ts';
import { restoreSnapshots } from './snapshots.ts';
import type { TrainingState } from './training-state.ts';

/** From where a training goes on. */
export interface Origin {
  /** The folder of its checkpoints. */
  readonly folder: string;
  /** Whether it goes on otherwise, as far as `withChanges` lets it. */
  readonly changed?: boolean;
}

/**
 * Reads the newest checkpoint that is whole, and its folder as it was read. Each newer one is passed over with a warning that names both.
 * @throws BanyanError `checkpoint` when there is none.
 */
export async function newestWhole(
  folder: string,
): Promise<{ readonly checkpoint: Checkpoint; readonly folder: ReadFolder }> {
  const damaged: string[] = [];
  for (const step of await stepsIn(folder)) {
    const path = checkpointPath(folder, step);
    try {
      const read = await readFolder(path);
      const checkpoint = checkpointOf(read, path, step);
      for (const why of damaged) {
        process.emitWarning(
          `resume passes over a damaged checkpoint: ${why} It goes on from an older one, ${path}, and makes the steps between once more.`,
          'BanyanWarning',
        );
      }
      return { checkpoint, folder: read };
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

/** How a checkpoint is gone on from. */
interface Restoring {
  /** Which of those that train. */
  readonly worker?: number | undefined;
  /** Whether settings were changed on purpose, as far as `withChanges` lets them. */
  readonly changed?: boolean | undefined;
  /** Whether there may be another number of workers than before. */
  readonly resize?: boolean | undefined;
}

/**
 * Puts a checkpoint into network and state, and returns its step and folder. What it says and the network or the settings do not is a
 * difference that somebody made.
 * @throws BanyanError `checkpoint` when it was made with other settings.
 */
export async function restoreCheckpoint(
  checkpoint: Checkpoint,
  network: Internals,
  state: TrainingState,
  settings: Settings,
  { worker = 0, changed = false, resize = false }: Restoring = {},
): Promise<{
  readonly step: number;
  readonly unevaluated: boolean;
  readonly path: string;
  readonly compile: CompileMode;
  readonly draws: DrawsState | undefined;
  readonly schedule: Json | undefined;
  readonly stopping: SavedStopping | undefined;
}> {
  const { path, network: saved, stored, training, reading, slots, snapshots, stopping } = checkpoint;
  if (resize) assertResizable(checkpoint, settings);
  const { settings: before } = training;
  compareSettings(path, changed ? withChanges(before, settings) : before, settings, resize);
  const described = describeNetwork(network);
  assertSameSettings(path, saved, described);
  warnOfUncompared(path, described);
  restoreNetwork(network, saved, stored);
  await network.frozen.verify();
  // Also those of tasks that trained before and do not take part now. An average's are not the optimiser's.
  const names = [...slots.tensors.keys()].filter((name) => !name.includes('#average/'));
  const named = new Set(names.map((name) => name.split('#')[0]));
  ensureSlots(
    state,
    network.body.store.all().filter(({ name }) => named.has(name)),
  );
  restoreSlots(state, slots);
  restoreSnapshots(state.snapshots, snapshots);
  state.updates = training.updates;
  state.missed.clear();
  for (const [name, updates] of Object.entries(training.missed)) state.missed.set(name, updates);
  state.reading = readingOf(reading, worker);
  if (training.balance !== undefined) state.balance?.method?.restore?.(training.balance);
  const { step: reached, unevaluated = false, schedule, draws } = training;
  return {
    step: reached,
    unevaluated,
    path,
    schedule,
    draws,
    compile: sameMode(path, network.body.runner, training.settings, settings),
    stopping,
  };
}

/** Gives the mode that makes the bits of the steps that are left: under `auto` a step that cannot be a graph runs eagerly. */
function sameMode(
  path: string,
  runner: Pick<Runner, 'modeOf'>,
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

/** Shows a setting; JSON has no word for infinity. */
const shown = (value: Json | undefined) => (typeof value === 'number' ? String(value) : JSON.stringify(value));

/** A setting as it is read back. */
const written = (setting: Json | undefined): Json | undefined =>
  setting === undefined ? undefined : JSON.parse(jsonText(setting));

/** Says of which stems, heads and options nothing can tell whether they are those of the checkpoint. */
function warnOfUncompared(path: string, { tasks, assets }: NetworkDescription): void {
  const parts = new Set(
    tasks.flatMap(({ name, stem, inputs, head = headScope(name) }) => [
      ...(inputs === undefined ? [stem] : Object.values(inputs)),
      head,
    ]),
  );
  const unknown = uncompared([...parts], assets);
  if (unknown.length === 0) return;
  process.emitWarning(
    `resume: whether these are as they were when ${path} was written cannot be told, since they do not say what they are made with: ${unknown.join(', ')}. Expected context.settings({ … }) in a stem or head (of one without options, { version: 1 }), and a property config on a function. Make sure that they are the same, or add that.`,
    'BanyanWarning',
  );
}

/** Others would add up the gradients in another order, and `batch` is one worker's. */
function compareWorkers(path: string, { workers: saved = 1 }: Settings, { workers: now = 1 }: Settings): void {
  if (saved === now) return;
  throw new BanyanError(
    'checkpoint',
    `${path} was trained by ${saved} ${saved === 1 ? 'process' : 'workers'}, and now there are ${now}: gradients would be added up in another order, and the run would not end with the same bits. Resume with as many as before, with \`resize\` (\`--resize\`), which keeps the examples of a step and not the bits, or load the network and train it anew.`,
  );
}

/** Those that train anew would begin with a game that the others have played for long. */
function assertResizable({ path, reading, training }: Checkpoint, now: Settings): void {
  const [saved, workers] = [training.settings, now].map((settings) => settings.workers ?? 1);
  const [source] = Object.keys(reading.sources);
  if (saved === workers || source === undefined) return;
  throw new BanyanError(
    'checkpoint',
    `${path} was trained by ${saved}, each with a state of its own of the source of task "${source}", and now there are ${workers}. Expected as many: a game cannot be shared out. Resume with as many as before, or load the network and train it anew.`,
  );
}

/** What follows from the number of workers where that may change. */
const RESIZED = ['workers', 'batch', 'accumulate', 'exchange', 'synchronizeEvery'];

function compareSettings(path: string, saved: Settings, now: Settings, resize: boolean): void {
  if (!resize) compareWorkers(path, saved, now);
  for (const key of new Set([...Object.keys(saved), ...Object.keys(now)])) {
    if (resize && RESIZED.includes(key)) continue;
    // Whatever `auto` meant then, it means again.
    if (!isDeepStrictEqual(saved[key], written(now[key])) && !(key === 'compile' && now.compile === 'auto')) {
      throw new BanyanError(
        'checkpoint',
        `${path} was trained with ${key} = ${shown(saved[key])}, and now it is ${shown(now[key])}: the run would not end with the same bits. Resume with the same settings, or load the network and train it anew.`,
      );
    }
  }
}
