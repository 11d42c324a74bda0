import type { Writer } from './writer.ts';

/** What came of an attempt to lock a folder: what lets the lock go, or who has it, and where that stands. */
export type Attempt =
  | { readonly release: () => void }
  | { readonly writer: Writer | undefined; readonly path?: string };
