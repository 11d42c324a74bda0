/** Says which row of a memory holds what each row was at each position, since the rows of a beam change places. */
export class Lines {
  readonly #rows: number;
  readonly #length: number;
  #values: Int32Array;

  constructor(rows: number, length: number) {
    [this.#rows, this.#length] = [rows, length];
    this.#values = Int32Array.from({ length: rows * length }, (_, i) => Math.floor(i / length));
  }

  /** `[rows, positions]`; of positions that are not written yet they say nothing. */
  get values(): Int32Array {
    return this.#values;
  }

  /** Has row i continue row `parents[i]`, which wrote position `at`. */
  continue(at: number, parents: Int32Array): void {
    const [before, length] = [this.#values, this.#length];
    this.#values = before.slice();
    for (let row = 0; row < this.#rows; row++) {
      const parent = parents[row]!;
      this.#values.set(before.subarray(parent * length, parent * length + at), row * length);
      this.#values[row * length + at] = parent;
    }
  }
}
