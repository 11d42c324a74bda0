import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import type { Json } from '../task/contract.ts';
import type { NetworkBody } from './body.ts';

export const WEIGHTS = 'weights.safetensors';

/** What a saved network says of itself beside its weights. */
export interface NetworkDescription {
  readonly seed: number;
  readonly columns: readonly Json[];
  readonly tasks: readonly { readonly name: string; readonly stem: string }[];
  readonly assets: Readonly<Record<string, Json>>;
}

export function describeNetwork(body: NetworkBody): NetworkDescription {
  return {
    seed: body.store.seed,
    columns: [body.trunk.config],
    tasks: body.tasks.map((task) => ({ name: task.name, stem: task.stem.part })),
    assets: body.store.assets(),
  };
}

/** A variable's numbers on the host. */
export async function readVariable(variable: tf.Variable): Promise<StoredTensor> {
  const values = Float32Array.from(await variable.data());
  return { shape: variable.shape, dtype: 'float32', values };
}

export async function encodeWeights(body: NetworkBody): Promise<Uint8Array> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, variable } of body.store.all()) tensors.set(name, await readVariable(variable));
  return encodeSafetensors(tensors);
}

/** Sets all variables from the file's bytes; every one must be there, in its shape, and no other. */
export function restoreWeights(body: NetworkBody, bytes: Uint8Array, file: string): void {
  const tensors = decodeSafetensors(bytes, file);
  const variables = body.store.all();
  for (const { name, variable } of variables) assignStored(variable, tensors.get(name), name, file);
  const unknown = [...tensors.keys()].find((name) => !variables.some((v) => v.name === name));
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
  const expected = `[${variable.shape.join(', ')}]`;
  const received = stored === undefined ? 'nothing' : `[${stored.shape.join(', ')}]`;
  if (stored === undefined || expected !== received) {
    throw new BanyanError(
      'checkpoint',
      `${file}: "${name}" should be ${expected}, received ${received}. Give the same trunk and the same tasks with the same options as it was saved with.`,
    );
  }
  const value = tf.tensor(stored.values, [...stored.shape], stored.dtype);
  variable.assign(value);
  value.dispose();
}
