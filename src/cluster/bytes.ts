/** Bytes as whole words of 32 bits, which TensorFlow exchanges as they are; the last is filled up with 0. */
export function wordsOf(bytes: Uint8Array, words = Math.ceil(bytes.length / 4)): Int32Array {
  const padded = new Uint8Array(4 * words);
  padded.set(bytes);
  return new Int32Array(padded.buffer);
}

/** The first `length` bytes of words. */
export const bytesOf = (words: Int32Array, length: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, length).slice();
