import type { BranchTokens, SharingBuilder, SharingLayer, SharingPass } from './sharing.ts';

/** A whole copy of a trunk, on a branch of its name. */
export interface Copy {
  readonly name: string;
  readonly blocks: readonly SharingLayer[];
  readonly finish: SharingLayer;
}

/** Makes so many copies of the trunk, named and numbered; of one task alone where that is named. */
export function copiesOf(
  { depth, block, finish }: SharingBuilder,
  count: number,
  name: string,
  task?: string,
): readonly Copy[] {
  return Array.from({ length: count }, (_, i) => {
    const copy = `${name}-${i}`;
    const branch = task === undefined ? copy : `${task}/${copy}`;
    const blocks = Array.from({ length: depth }, (_, b) => block(b, copy, task));
    return { name: branch, blocks, finish: finish(copy, task) };
  });
}

/** Runs block `index` of each copy, on its own branch. */
export const advance = (copies: readonly Copy[], index: number, branch: BranchTokens, pass: SharingPass) =>
  new Map(copies.map(({ name, blocks }) => [name, blocks[index]!(branch(name), pass)]));

/** Runs what follows the last block of each copy, on its own branch. */
export const finished = (copies: readonly Copy[], branch: BranchTokens, pass: SharingPass) =>
  copies.map(({ name, finish }) => finish(branch(name), pass));

/** Makes something for each task. */
export const byTask = <T>(tasks: readonly string[], make: (task: string) => T): ReadonlyMap<string, T> =>
  new Map(tasks.map((task) => [task, make(task)]));
