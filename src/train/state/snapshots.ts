import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { assignStored, type NetworkBody, readVariable, type StoredFile } from '../../network/index.ts';

/** Older weights under names of their own, each by the variable's name: for sources that act with them. */
export type Snapshots = Map<string, ReadonlyMap<string, tf.Variable>>;

/** Stands between a snapshot's name and a variable's, which holds none. */
export const SEPARATOR = '@';

/**
 * Snapshots as they were before those that a source took for an update which is not made yet; undefined: there was none of that name.
 * Without that update they count again.
 */
export type Replaced = Map<string, ReadonlyMap<string, tf.Variable> | undefined>;

/** Keeps a network's weights under a name; `assertOpen` throws where it comes too late. */
export async function takeSnapshot(
  { snapshots, replaced }: { readonly snapshots: Snapshots; readonly replaced: Replaced },
  { store }: Pick<NetworkBody, 'store'>,
  name: string,
  assertOpen: () => void,
): Promise<void> {
  const variables = new Map<string, tf.Variable>();
  try {
    for (const { name: variableName, tensor } of store.all()) {
      const stored = await readVariable(tensor);
      const copy = zeroVariable(tensor.shape);
      variables.set(variableName, copy);
      assignStored(copy, stored, variableName, 'the network');
    }
    assertOpen();
  } catch (error) {
    disposeSnapshot(variables);
    throw error;
  }
  const before = snapshots.get(name);
  if (replaced.has(name)) disposeSnapshot(before);
  else replaced.set(name, before);
  snapshots.set(name, variables);
}

/** Frees what was replaced for an update that is made. */
export function settleSnapshots(replaced: Replaced): void {
  for (const variables of replaced.values()) disposeSnapshot(variables);
  replaced.clear();
}

/** Puts back what was replaced for an update that is not made. */
export function undoSnapshots({
  snapshots,
  replaced,
}: {
  readonly snapshots: Snapshots;
  readonly replaced: Replaced;
}): void {
  for (const [name, variables] of replaced) {
    disposeSnapshot(snapshots.get(name));
    if (variables === undefined) snapshots.delete(name);
    else snapshots.set(name, variables);
  }
  replaced.clear();
}

/** Gives the older weights that stand in for a network's variables. @throws BanyanError `argument` for a snapshot that was not taken. */
export function weightsOfSnapshot(
  snapshots: Snapshots,
  { store }: Pick<NetworkBody, 'store'>,
  name: string,
): ReadonlyMap<tf.Variable, tf.Variable> {
  const taken = snapshots.get(name);
  if (taken === undefined) {
    throw new BanyanError(
      'argument',
      `predict: there is no snapshot "${name}" of the weights. Expected ${snapshots.size === 0 ? 'one taken before, and none was' : `one of: ${[...snapshots.keys()].join(', ')}`}. Take it by \`context.snapshot('${name}')\`.`,
    );
  }
  return new Map(
    store.all().flatMap(({ name: variableName, tensor }) => {
      const copy = taken.get(variableName);
      // One that was pruned since has no older value of its shape.
      return copy === undefined || !sameShape(copy, tensor) ? [] : [[tensor, copy] as const];
    }),
  );
}

/** Takes removed variables out of the snapshots: later ones may have their names. */
export function forgetSnapshots(snapshots: Snapshots, names: readonly string[]): void {
  for (const [name, variables] of snapshots) {
    const left = new Map(variables);
    for (const variableName of names) {
      left.get(variableName)?.dispose();
      left.delete(variableName);
    }
    snapshots.set(name, left);
  }
}

export function disposeSnapshots(snapshots: Snapshots): void {
  for (const variables of snapshots.values()) disposeSnapshot(variables);
  snapshots.clear();
}

function disposeSnapshot(variables: ReadonlyMap<string, tf.Variable> | undefined): void {
  if (variables !== undefined) tf.dispose([...variables.values()]);
}

/** Reads all snapshots as tensors, `snapshot@scope/variable` each. */
export async function readSnapshots(snapshots: Snapshots): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variables] of snapshots) {
    for (const [variableName, variable] of variables)
      tensors.set(`${name}${SEPARATOR}${variableName}`, await readVariable(variable));
  }
  return tensors;
}

/** Puts what `readSnapshots` gave in place of what is there. */
export function restoreSnapshots(snapshots: Snapshots, { file, tensors }: StoredFile): void {
  disposeSnapshots(snapshots);
  for (const [key, stored] of tensors) {
    const separator = key.lastIndexOf(SEPARATOR);
    const [name, variableName] = [key.slice(0, separator), key.slice(separator + 1)];
    const variable = zeroVariable(stored.shape);
    assignStored(variable, stored, variableName, file);
    snapshots.set(name, new Map([...(snapshots.get(name) ?? []), [variableName, variable]]));
  }
}

const sameShape = (a: tf.Variable, b: tf.Variable) => String(a.shape) === String(b.shape);

function zeroVariable(shape: readonly number[]): tf.Variable {
  const zeros = tf.zeros([...shape]);
  const variable = tf.variable(zeros, false);
  zeros.dispose();
  return variable;
}
