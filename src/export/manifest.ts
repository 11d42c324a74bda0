import { type BuiltTask, decodeOutput, isWriting, type NetworkBody } from '../network/index.ts';
import type { HostTensor } from '../runtime/index.ts';
import { splitKey } from '../scope.ts';
import type { Declared, Json, SampleOutput } from '../task/contract.ts';
import type { TaskExamples } from './examples.ts';
import { inputsOf } from './graph/functions.ts';

/** Settings of a part of a network, by their names: sizes, vocabularies, names of classes. */
type Settings = Readonly<Record<string, Json>>;

/**
 * What an exported function does not do: how a task's examples are prepared for it, and what its outputs mean. In JSON a typed array is
 * `{ dtype, base64 }`.
 */
export interface TaskManifest {
  readonly name: string;
  /** Settings of the stem of each input, by the input's name. */
  readonly inputs: Readonly<Record<string, Settings>>;
  readonly head: Settings;
  /** What prepares each input, by its name; without those for which no kind is declared. */
  readonly prepare: Readonly<Record<string, Declared>>;
  /** What the head's outputs mean, where a kind is declared that says it. */
  readonly decode?: Declared;
  /** Of a head that writes: the symbol that ends a sequence, and how many there can be with it. */
  readonly writes?: { readonly end: number; readonly longest: number };
  readonly examples: readonly {
    /** As the source gives it. */
    readonly raw: unknown;
    /** What the functions give, by name; of a head that writes the symbols that were written. */
    readonly output: Readonly<Record<string, Float32Array>>;
    /** What the network predicts, decoded. */
    readonly prediction: unknown;
  }[];
  /** The same examples as the function takes them, by the input's name. */
  readonly prepared: Readonly<Record<string, HostTensor>>;
}

/** Tells of a task what a program needs beside its functions, with examples to hold it against. */
export function taskManifest(body: NetworkBody, { task, raw, prepared, outputs }: TaskExamples): TaskManifest {
  const names = inputsOf(task, prepared).map(({ name }) => name);
  const stems = task.input.parts.map(({ name = 'input', stem }) => [name, settingsOf(body, stem.scope)] as const);
  return {
    name: task.name,
    inputs: Object.fromEntries(stems),
    head: settingsOf(body, task.scope),
    prepare: Object.fromEntries(
      task.input.parts.flatMap(({ name = 'input', stem: { implementation } }) =>
        implementation.preparation === undefined ? [] : [[name, implementation.preparation]],
      ),
    ),
    ...(task.head.decoding === undefined ? {} : { decode: task.head.decoding }),
    ...(isWriting(task) ? { writes: { end: task.writing.writes.end, longest: task.label.shape[0]! } } : {}),
    examples: raw.map((example, i) => ({
      raw: example,
      output: namedOutput(task, outputs[i]!),
      prediction: decodeOutput(task, outputs[i]!, `example ${i}`),
    })),
    prepared: Object.fromEntries(names.map((name, i) => [name, prepared[i]!])),
  };
}

function namedOutput(task: BuiltTask, output: SampleOutput): Readonly<Record<string, Float32Array>> {
  if (isWriting(task)) return { symbols: output as Float32Array };
  return output instanceof Float32Array ? { output } : output;
}

const settingsOf = ({ store }: NetworkBody, scope: string): Settings =>
  Object.fromEntries(
    Object.entries(store.assets())
      .map(([key, value]) => ({ ...splitKey(key), value }))
      .filter((setting) => setting.scope === scope)
      .map(({ name, value }) => [name, value]),
  );

/** Writes numbers as bytes, little-endian and in base64: shorter than their digits, and the same to the bit. A replacer for `JSON.stringify`. */
export function compactNumbers(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  // A Buffer has made a list of itself by now.
  const whole = (this as Readonly<Record<string, unknown>>)[key];
  if (!ArrayBuffer.isView(whole)) return value;
  const dtype = whole instanceof Uint8Array ? 'uint8' : whole.constructor.name.replace('Array', '').toLowerCase();
  return { dtype, base64: Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('base64') };
}
