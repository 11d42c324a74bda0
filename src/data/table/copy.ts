import type { SourceFile } from './source-file.ts';

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Is told a row that cannot be read: its number, from 1, and `expected …, received …`. It throws for one too many. */
  badRow(row: number, reason: string): void;
}

/** Makes a file whose rows can be read from any place, of one whose cannot. */
export type Copy = (source: SourceFile, target: string, options: CopyOptions) => Promise<void>;
