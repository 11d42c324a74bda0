import type { Json } from 'banyan-ml';

/** Arrays of float32 numbers as texts, for a checkpoint. */
export function encodeNumbers<Name extends string>(
  arrays: Readonly<Record<Name, Float32Array>>,
  names: readonly Name[],
): Json {
  const text = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return Object.fromEntries(names.map((name) => [name, text(arrays[name])]));
}

export function decodeNumbers<Name extends string>(
  state: Json,
  names: readonly Name[],
): Readonly<Record<Name, Float32Array>> {
  const texts = state as Readonly<Record<Name, string>>;
  const numbers = (text: string) => {
    // A copy of its own: a pooled buffer may begin anywhere.
    const { buffer } = Uint8Array.from(Buffer.from(text, 'base64'));
    return new Float32Array(buffer);
  };
  return Object.fromEntries(names.map((name) => [name, numbers(texts[name])])) as Record<Name, Float32Array>;
}
