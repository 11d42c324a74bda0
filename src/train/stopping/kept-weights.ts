import type { StoredTensor } from '../../checkpoint/index.ts';
import { assignStored, type NetworkVariable, readVariable, type StoredFile } from '../../network/index.ts';
import { SEPARATOR } from '../state/snapshots.ts';

/** The values of some variables, by their names. */
export type Weights = ReadonlyMap<string, StoredTensor>;

/** Copies the values of these variables to the host. */
export async function copyWeights(variables: readonly NetworkVariable[]): Promise<Weights> {
  const weights = new Map<string, StoredTensor>();
  for (const { name, tensor } of variables) weights.set(name, await readVariable(tensor));
  return weights;
}

/** Puts copied values into those of the variables that they are of. */
export function putWeights(weights: Weights, variables: readonly NetworkVariable[]): void {
  for (const { name, tensor } of variables)
    if (weights.has(name)) assignStored(tensor, weights.get(name), name, 'the kept weights');
}

/**
 * Copies of weights under names. They lie in memory, as plain numbers: a training has them without a folder, a card keeps its own memory for
 * steps, and a copy costs less than the evaluation that it follows. Checkpoints hold them, so that an interrupted training has them again.
 */
export type KeptWeights = ReadonlyMap<string, Weights>;

/** Gives the copies as the tensors of one file, `name@scope/variable` each. */
export const tensorsOfKept = (kept: KeptWeights): Map<string, StoredTensor> =>
  new Map(
    [...kept].flatMap(([name, weights]) =>
      [...weights].map(([variable, stored]) => [`${name}${SEPARATOR}${variable}`, stored] as const),
    ),
  );

/** Gives the copies that a file holds. */
export function keptIn({ tensors }: Pick<StoredFile, 'tensors'>): KeptWeights {
  const kept = new Map<string, Map<string, StoredTensor>>();
  for (const [key, stored] of tensors) {
    const at = key.lastIndexOf(SEPARATOR);
    const [name, variable] = [key.slice(0, at), key.slice(at + 1)];
    const weights = kept.get(name) ?? new Map<string, StoredTensor>();
    kept.set(name, weights.set(variable, stored));
  }
  return kept;
}
