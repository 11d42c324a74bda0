import type { BranchTokens, Layer, Pass, SharingBuilder } from './sharing.ts';

/** A whole copy of a trunk, whose path has its name. */
export interface Copy {
  readonly name: string;
  readonly blocks: readonly Layer[];
  readonly finish: Layer;
}

/** So many copies of the trunk, named and numbered; of one task alone where that is given. */
export function copiesOf(
  { depth, block, finish }: SharingBuilder,
  count: number,
  name: string,
  task?: string,
): readonly Copy[] {
  return Array.from({ length: count }, (_, i) => {
    const copy = `${name}-${i}`;
    const path = task === undefined ? copy : `${task}/${copy}`;
    const blocks = Array.from({ length: depth }, (_, b) => block(b, copy, task));
    return { name: path, blocks, finish: finish(copy, task) };
  });
}

/** Block `level` of each copy, on its own path. */
export const advance = (copies: readonly Copy[], level: number, from: BranchTokens, trip: Pass) =>
  new Map(copies.map(({ name, blocks }) => [name, blocks[level]!(from(name), trip)]));

/** What follows the last block of each copy, on its own path. */
export const finished = (copies: readonly Copy[], from: BranchTokens, trip: Pass) =>
  copies.map(({ name, finish }) => finish(from(name), trip));

/** What is made for each task, by task. */
export const byTask = <T>(tasks: readonly string[], make: (task: string) => T): ReadonlyMap<string, T> =>
  new Map(tasks.map((task) => [task, make(task)]));
