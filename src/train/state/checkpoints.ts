import { mkdir, rm } from 'node:fs/promises';
import { encodeSafetensors, type StoredTensor, separateNumbers, writeFolder } from '../../checkpoint/index.ts';
import { clearUnfinished } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { assertFinite, describeNetwork, type Internals, networkFiles } from '../../network/index.ts';
import type { Json } from '../../task/contract.ts';
import type { ReadingState } from '../reading/reading-state.ts';
import type { SavedStopping } from '../stopping/early-stopping.ts';
import { checkpointPath, removeOldCheckpoints } from './checkpoint-folder.ts';
import { KEPT, OPTIMIZER, OTHERS, ROOT, SNAPSHOTS, SOURCES, type TrainingRecord } from './record.ts';
import { readSlots } from './slots.ts';
import { readSnapshots } from './snapshots.ts';
import type { TrainingState } from './training-state.ts';

/** Writes a checkpoint, whole or not at all, and removes all but the newest two. Returns its folder. The last: of the other workers. */
export async function writeCheckpoint(
  folder: string,
  network: Internals,
  state: TrainingState,
  record: Pick<TrainingRecord, 'step' | 'unevaluated' | 'schedule' | 'settings' | 'draws'>,
  stopping: SavedStopping | undefined,
  { others, otherShapes }: Pick<ReadingState, 'others' | 'otherShapes'> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError('checkpoint', folder, 'made', cause);
  });
  await clearUnfinished(folder, 'step-');
  const path = checkpointPath(folder, record.step);
  const files = await networkFiles(network);
  const slots = await readSlots(state);
  assertFinite(
    { file: OPTIMIZER, tensors: slots },
    'Load the network of the checkpoint before, and train it on at a lower learning rate.',
  );
  files.set(OPTIMIZER, encodeSafetensors(slots));
  if (state.snapshots.size > 0) files.set(SNAPSHOTS, encodeSafetensors(await readSnapshots(state.snapshots)));
  if (stopping !== undefined && stopping.kept.tensors.size > 0)
    files.set(KEPT, encodeSafetensors(stopping.kept.tensors));
  const numbers = new Map<string, StoredTensor>();
  const { sources, others: _, otherShapes: __, ...reached } = state.reading;
  const reading = {
    ...reached,
    sources: separateNumbers(sources, ROOT, numbers),
    ...(others === undefined ? {} : { others: separateNumbers(others, OTHERS, numbers) }),
    ...(otherShapes === undefined ? {} : { otherShapes }),
  };
  if (numbers.size > 0) files.set(SOURCES, encodeSafetensors(numbers));
  const balance = state.balance?.method?.state?.();
  const training: TrainingRecord = {
    ...record,
    updates: state.updates,
    missed: Object.fromEntries(state.missed),
    reading,
    ...(balance === undefined ? {} : { balance }),
    ...(stopping === undefined ? {} : { evaluations: stopping.state }),
  };
  // What stands there is damaged, or the training would have gone on from it.
  await rm(path, { recursive: true, force: true });
  await writeFolder(path, files, { ...describeNetwork(network), training } as unknown as Json);
  await removeOldCheckpoints(folder, record.step);
  return path;
}
