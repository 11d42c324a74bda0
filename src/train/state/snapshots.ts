import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { assignStored, type Network, readVariable, type StoredFile } from '../../network/index.ts';

/** Weights as they were, by a name each: for sources that act with older ones. */
export type Snapshots = Map<string, ReadonlyMap<string, tf.Variable>>;

// No name of a variable holds one.
export const SEPARATOR = '@';

/**
 * Snapshots as they were before those that a source took for an update which is not made yet; undefined: there was none of that name.
 * Without that update they count again.
 */
export type Replaced = Map<string, ReadonlyMap<string, tf.Variable> | undefined>;

/** Keeps a network's weights under a name; `assertOpen` throws where it comes too late. */
export async function takeSnapshot(
  { snapshots, replaced }: { readonly snapshots: Snapshots; readonly replaced: Replaced },
  { body }: Network,
  name: string,
  assertOpen: () => void,
): Promise<void> {
  const variables = new Map<string, tf.Variable>();
  try {
    for (const { name: of, variable } of body.store.all()) {
      const stored = await readVariable(variable);
      const copy = fresh(variable.shape);
      variables.set(of, copy);
      assignStored(copy, stored, of, 'the network');
    }
    assertOpen();
  } catch (error) {
    disposeSnapshot(variables);
    throw error;
  }
  const known = snapshots.get(name);
  if (replaced.has(name)) disposeSnapshot(known);
  else replaced.set(name, known);
  snapshots.set(name, variables);
}

/** The update is made: what was replaced for it is not needed any more. */
export function settleSnapshots(replaced: Replaced): void {
  for (const variables of replaced.values()) disposeSnapshot(variables);
  replaced.clear();
}

/** The update is not made: what was replaced for it counts again. */
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

/** What stands in for which of a network's variables. @throws BanyanError `argument` for a snapshot that was not taken. */
export function weightsOfSnapshot(
  snapshots: Snapshots,
  { body }: Network,
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
    body.store.all().flatMap(({ name: of, variable }) => {
      const copy = taken.get(of);
      // One that was pruned since has no older value of its shape.
      return copy === undefined || !sameShape(copy, variable) ? [] : [[variable, copy] as const];
    }),
  );
}

/** Variables that are removed leave their snapshots: later ones may have their names. */
export function forgetSnapshots(snapshots: Snapshots, names: readonly string[]): void {
  for (const [name, variables] of snapshots) {
    const left = new Map(variables);
    for (const of of names) {
      left.get(of)?.dispose();
      left.delete(of);
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

/** As tensors, `snapshot@part/variable` each. */
export async function readSnapshots(snapshots: Snapshots): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variables] of snapshots) {
    for (const [of, variable] of variables) tensors.set(`${name}${SEPARATOR}${of}`, await readVariable(variable));
  }
  return tensors;
}

/** What `readSnapshots` gave, in place of what is there. */
export function restoreSnapshots(snapshots: Snapshots, { file, tensors }: StoredFile): void {
  disposeSnapshots(snapshots);
  for (const [key, stored] of tensors) {
    const at = key.lastIndexOf(SEPARATOR);
    const [name, of] = [key.slice(0, at), key.slice(at + 1)];
    const variable = fresh(stored.shape);
    assignStored(variable, stored, of, file);
    snapshots.set(name, new Map([...(snapshots.get(name) ?? []), [of, variable]]));
  }
}

const sameShape = (one: tf.Variable, other: tf.Variable) => String(one.shape) === String(other.shape);

function fresh(shape: readonly number[]): tf.Variable {
  const zeros = tf.zeros([...shape]);
  const variable = tf.variable(zeros, false);
  zeros.dispose();
  return variable;
}
