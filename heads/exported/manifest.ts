import type { Declared, Json, TypedArray } from 'banyan-ml';

/** A tensor on the host, as runtimes take it. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

/** What `banyan-export.json` says of a function. */
export interface ExportedFunction {
  readonly name: string;
  readonly task: string;
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
}

export interface ExportedTensor {
  readonly name: string;
  /** -1 is a batch of any size. */
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** What `banyan-export.json` says of a task. */
export interface ExportedTask {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Settings>>;
  readonly head: Settings;
  readonly prepare: Readonly<Record<string, Declared>>;
  readonly decode?: Declared;
  readonly writes?: { readonly end: number; readonly longest: number };
  readonly examples: readonly ExportedExample[];
}

export type Settings = Readonly<Record<string, Json>>;

/** A raw example, with what the functions give of it and what the network predicts. In the file a typed array is `{ dtype, base64 }`. */
export interface ExportedExample {
  readonly raw: unknown;
  readonly output: Readonly<Record<string, unknown>>;
  readonly prediction: unknown;
}

/** `banyan-export.json`. */
export interface ExportManifest {
  readonly functions: readonly ExportedFunction[];
  readonly tasks: readonly ExportedTask[];
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint8clamped: Uint8ClampedArray,
} as const;

/** Makes typed arrays of what stands for them in JSON. */
export function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  const { dtype, base64 } = value as { dtype?: string; base64?: string };
  if (typeof base64 === 'string' && dtype !== undefined && dtype in ARRAYS) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new ARRAYS[dtype as keyof typeof ARRAYS](bytes.buffer) as TypedArray;
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revived(part)]));
}
