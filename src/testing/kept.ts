import {
  decodeSafetensors,
  encodeSafetensors,
  joinNumbers,
  type StoredTensor,
  separateNumbers,
} from '../checkpoint/index.ts';
import type { SourceState } from '../task/source.ts';

/** A source's state as a checkpoint keeps it. */
export function kept(state: SourceState): SourceState {
  const numbers = new Map<string, StoredTensor>();
  const json = JSON.parse(JSON.stringify(separateNumbers(state, 'state', numbers)));
  return joinNumbers(json, 'state', decodeSafetensors(encodeSafetensors(numbers), 'state'));
}
