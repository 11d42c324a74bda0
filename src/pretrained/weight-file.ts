/** A tensor in a file of another maker's weights; its numbers are read when they are asked for. */
export interface WeightTensor {
  readonly shape: readonly number[];
  /** Reads its numbers, row by row, as float32. */
  read(): Promise<Float32Array>;
}

/** A saved model's weights, opened. */
export interface WeightFile {
  /** What was opened, as it was named. */
  readonly path: string;
  readonly format: 'safetensors' | 'keras' | 'tfjs' | 'banyan';
  /** All files that it is made of. */
  readonly files: readonly string[];
  /** By their names in the file, in its order. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  close(): Promise<void>;
}
