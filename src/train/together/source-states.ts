import {
  decodeSafetensors,
  encodeSafetensors,
  joinNumbers,
  type StoredTensor,
  separateNumbers,
} from '../../checkpoint/index.ts';
import type { Team } from '../../cluster/index.ts';
import type { BuiltTask } from '../../network/index.ts';
import type { Json } from '../../task/contract.ts';
import type { ReadingState } from '../reading/reading-state.ts';
import type { KeptShapes } from '../reading/shapes.ts';
import { gatherJson } from './begin.ts';

const ROOT = 'source';
const WHAT = 'the states of sources';

/** Whether sources of these tasks have a state, of which each worker has one of its own. */
export const haveStates = (tasks: readonly Pick<BuiltTask, 'definition'>[]): boolean =>
  tasks.some(({ definition: { source } }) => source.state !== undefined);

/** Brings together which lengths of batches the steps of each worker may have. @returns those of the workers after the chief. */
export async function gatherShapes(
  team: Team,
  shapes: ReadingState['shapes'],
): Promise<Pick<ReadingState, 'otherShapes'>> {
  const all = await gatherJson(team, (shapes ?? null) as Json, 'the lengths of batches');
  const others = all.slice(1).map((shapes) => (shapes ?? []) as unknown as readonly KeptShapes[]);
  return others.every((shapes) => shapes.length === 0) ? {} : { otherShapes: others };
}

/** Brings the states of the sources of all workers together. @returns those of the workers after the chief. */
export async function gatherStates(
  team: Team,
  sources: ReadingState['sources'],
): Promise<NonNullable<ReadingState['others']>> {
  const numbers = new Map<string, StoredTensor>();
  const states = await gatherJson(team, separateNumbers(sources, ROOT, numbers), WHAT);
  const files = await team.gatherBytes(encodeSafetensors(numbers), WHAT);
  if (!team.isChief) return [];
  return states.slice(1).map((state: Json, i) => {
    const tensors = decodeSafetensors(files[i + 1]!, `the sources of ${team.nameOf(i + 1)}`);
    return joinNumbers(state, ROOT, tensors) as ReadingState['sources'];
  });
}
