import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, encodeSafetensors, type ReadFolder, type StoredTensor } from '../checkpoint/index.ts';
import { BanyanError } from '../error.ts';
import type { Json } from '../task/contract.ts';
import type { LateralInput, LateralKind } from '../trunk/index.ts';
import type { NetworkBody } from './body.ts';
import type { FrozenFacts } from './frozen.ts';
import type { Network } from './network.ts';

const WEIGHTS = 'weights.safetensors';
const PROBES = 'probes.safetensors';

/** A saved column. */
export interface ColumnDescription {
  readonly trunk: Json;
  readonly laterals: LateralKind;
  /** What comes into each block from earlier columns. */
  readonly inputs: readonly (readonly LateralInput[])[];
  readonly through?: string;
  readonly tasks: readonly string[];
}

/** What a saved network says of itself beside its weights. */
export interface NetworkDescription {
  readonly seed: number;
  readonly columns: readonly ColumnDescription[];
  readonly tasks: readonly {
    readonly name: string;
    readonly stem: string;
    /** The plugin that brought it, where it was loaded by name. */
    readonly plugin?: string;
  }[];
  readonly assets: Readonly<Record<string, Json>>;
  readonly frozen: Readonly<Record<string, FrozenFacts>>;
}

export function describeNetwork({ body, frozen }: Network): NetworkDescription {
  return {
    seed: body.store.seed,
    columns: body.columns.map(({ plan, tasks, through }) => ({
      trunk: plan.trunk.config,
      laterals: plan.laterals,
      inputs: plan.inputs,
      ...(through === undefined ? {} : { through }),
      tasks: tasks.map(({ name }) => name),
    })),
    tasks: body.tasks.map(({ name, stem, task: { plugin } }) => ({
      name,
      stem: stem.part,
      ...(plugin === undefined ? {} : { plugin }),
    })),
    assets: body.store.assets(),
    frozen: frozen.facts,
  };
}

/** A variable's numbers on the host. */
export async function readVariable(variable: tf.Variable): Promise<StoredTensor> {
  const values = Float32Array.from(await variable.data());
  return { shape: variable.shape, dtype: 'float32', values };
}

/** Weights, and the proof of what is frozen, as files. */
export async function networkFiles({ body, frozen }: Network): Promise<Map<string, Uint8Array>> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, variable } of body.store.all()) tensors.set(name, await readVariable(variable));
  const files = new Map([[WEIGHTS, encodeSafetensors(tensors)]]);
  if (frozen.tensors.size > 0) files.set(PROBES, encodeSafetensors(frozen.tensors));
  return files;
}

/** Puts what was read from a folder into a network of the same structure. */
export function restoreNetwork({ body, frozen }: Network, { content, files }: ReadFolder, folder: string): void {
  restoreWeights(body, files.get(WEIGHTS) ?? new Uint8Array(), join(folder, WEIGHTS));
  const probes = files.get(PROBES);
  const tensors = probes === undefined ? new Map() : decodeSafetensors(probes, join(folder, PROBES));
  frozen.restore((content as unknown as NetworkDescription).frozen, tensors);
}

/** Sets all variables from the file's bytes; every one must be there, in its shape, and no other. */
function restoreWeights(body: NetworkBody, bytes: Uint8Array, file: string): void {
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
  // A file of another maker's may hold whole numbers.
  const values = stored.dtype === 'float32' ? stored.values : Float32Array.from(stored.values);
  const value = tf.tensor(values, [...stored.shape], 'float32');
  variable.assign(value);
  value.dispose();
}
