import { withinMemory } from '../../runtime/index.ts';

/**
 * Memory for batches on the host, used again and again. Fresh arrays for each batch are large, and lie outside of the
 * JavaScript heap: V8 then collects all garbage every few steps, beside a device that would need the processor itself.
 */
export class BufferPool {
  readonly #rows = new Map<string, { used: number; readonly arrays: (Float32Array | Int32Array)[] }>();

  /** Frees all of it for the next batch. */
  clear(): this {
    for (const row of this.#rows.values()) row.used = 0;
    return this;
  }

  /** Takes an array of so many numbers, with whatever was in it before. @throws BanyanError `memory` where there is none. */
  take(dtype: 'float32' | 'int32', size: number): Float32Array | Int32Array {
    const key = `${dtype} ${size}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { used: 0, arrays: [] };
      this.#rows.set(key, row);
    }
    const at = row.used++;
    row.arrays[at] ??= withinMemory(`A batch of ${size} numbers`, () =>
      dtype === 'float32' ? new Float32Array(size) : new Int32Array(size),
    );
    return row.arrays[at];
  }
}
