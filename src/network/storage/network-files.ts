import * as tf from '@tensorflow/tfjs';
import { encodeSafetensors, type ReadFolder, type StoredTensor } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { headScope } from '../../scope.ts';
import type { AnyTask } from '../../task/task.ts';
import type { Trunk } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';
import type { Internals } from '../internals.ts';
import type { NetworkDescription } from './description.ts';
import { assertFinite, assertStored, type StoredFile, storedFile } from './stored-file.ts';

const WEIGHTS = 'weights.safetensors';
const PROBES = 'probes.safetensors';

/** The tensors of a saved network that are not put into one yet. */
export interface StoredNetwork {
  readonly weights: StoredFile;
  /** The proof of what is frozen. */
  readonly probes: StoredFile;
}

/** Describes a network as it is saved beside its weights. */
export function describeNetwork({ body, frozen }: Internals): NetworkDescription {
  return {
    seed: body.store.seed,
    columns: body.columns.map(({ plan, tasks, routeStem }) => ({
      trunk: plan.trunk.config,
      laterals: plan.laterals,
      inputs: plan.inputs,
      ...(routeStem === undefined ? {} : { through: routeStem }),
      tasks: tasks.map(({ name }) => name),
    })),
    tasks: body.tasks.map(({ name, input, scope, definition: { stems, plugin } }) => ({
      name,
      stem: input.scope,
      ...(stems === undefined
        ? {}
        : { inputs: Object.fromEntries(input.parts.map((part) => [part.name, part.stem.scope])) }),
      ...(scope === headScope(name) ? {} : { head: scope }),
      ...(plugin === undefined ? {} : { plugin }),
    })),
    assets: body.store.assets(),
    frozen: frozen.facts,
  };
}

/** Reads a variable's numbers to the host. */
export async function readVariable(variable: tf.Variable): Promise<StoredTensor> {
  const values = Float32Array.from(await variable.data());
  return { shape: variable.shape, dtype: 'float32', values };
}

/**
 * Encodes weights, and the proof of what is frozen, as files by their names.
 * @throws BanyanError `checkpoint` naming a weight that is not finite: it could not be read back.
 */
export async function networkFiles({ body, frozen }: Internals): Promise<Map<string, Uint8Array>> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, tensor } of body.store.all()) tensors.set(name, await readVariable(tensor));
  assertFinite({ file: WEIGHTS, tensors }, 'Set it right, or load the network as it was saved before.');
  const files = new Map([[WEIGHTS, encodeSafetensors(tensors)]]);
  if (frozen.tensors.size > 0) files.set(PROBES, encodeSafetensors(frozen.tensors));
  return files;
}

/** Takes a saved network's tensors out of its folder. @throws BanyanError `checkpoint` for a file that is none, and for weights that are not finite. */
export function storedNetwork(content: ReadFolder, folder: string): StoredNetwork {
  const weights = storedFile(content, folder, WEIGHTS);
  assertFinite(weights);
  return { weights, probes: storedFile(content, folder, PROBES) };
}

/** Builds the columns of a saved network; a variable that is not among the stored weights is refused before there is room for it. */
export function buildStored(
  body: NetworkBody,
  { columns }: NetworkDescription,
  { weights: { file, tensors } }: StoredNetwork,
  tasks: ReadonlyMap<string, AnyTask>,
  trunks: readonly Trunk[],
): void {
  const check = (name: string, shape: readonly number[]) => assertStored(shape, tensors.get(name), name, file);
  body.store.checking(check, () => {
    for (const [i, { laterals, inputs, tasks: names, through }] of columns.entries()) {
      const readers = names.map((name) => tasks.get(name)!);
      body.addColumn({ trunk: trunks[i]!, laterals, inputs }, readers, through);
    }
  });
}

/** Puts what was read from a folder into a network of the same structure. */
export function restoreNetwork(
  { body, frozen }: Internals,
  described: NetworkDescription,
  { weights, probes }: StoredNetwork,
): void {
  restoreWeights(body, weights);
  frozen.restore(described.frozen, probes);
}

/** Sets all variables from a file's; every one must be there, in its shape, and no other. */
function restoreWeights(body: NetworkBody, { file, tensors }: StoredFile): void {
  const variables = body.store.all();
  for (const { name, tensor } of variables) assignStored(tensor, tensors.get(name), name, file);
  const names = new Set(variables.map(({ name }) => name));
  const unknown = [...tensors.keys()].find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new BanyanError(
      'checkpoint',
      `${file} holds "${unknown}", which this network does not have. Expected the same trunk and tasks as it was saved with. Give the same tasks and plugins.`,
    );
  }
}

export function assignStored(
  variable: tf.Variable,
  stored: StoredTensor | undefined,
  name: string,
  file: string,
): void {
  assertStored(variable.shape, stored, name, file);
  // A file of another maker's may hold whole numbers.
  const values = stored.dtype === 'float32' ? stored.values : Float32Array.from(stored.values);
  const value = tf.tensor(values, [...stored.shape], 'float32');
  variable.assign(value);
  value.dispose();
}
