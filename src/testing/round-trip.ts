import {
  decodeSafetensors,
  encodeSafetensors,
  joinNumbers,
  type StoredTensor,
  separateNumbers,
} from '../checkpoint/index.ts';
import type { SourceState } from '../task/source.ts';

/** Writes a source's state as a checkpoint does: JSON, and its long lists of numbers as a file. */
function written(state: SourceState) {
  const numbers = new Map<string, StoredTensor>();
  const json = JSON.stringify(separateNumbers(state, 'state', numbers));
  return { json, file: encodeSafetensors(numbers) };
}

/** Gives a source's state as it comes back from a checkpoint. */
export function roundTrip(state: SourceState): SourceState {
  const { json, file } = written(state);
  return joinNumbers(JSON.parse(json), 'state', decodeSafetensors(file, 'state'));
}

/** Gives the long lists of numbers in a state, as a checkpoint keeps them now. */
export const numbersOf = (state: SourceState): Uint8Array => written(state).file;
