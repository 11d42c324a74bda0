import type { SeenObject } from 'banyan-ml';
import type { Tracks } from './tracking.ts';

/** Finds out which type of object is the one that acts: the one that moves. Also by how much it moves in a step. */
export class AgentFinder {
  /** How often each type moved. */
  readonly #moves = new Map<number, number>();
  /** How often a move of each type was so long. */
  readonly #lengths = new Map<number, Map<number, number>>();

  /** Takes two frames and their tracks. */
  watch(before: readonly SeenObject[], now: readonly SeenObject[], { pairs }: Pick<Tracks, 'pairs'>): void {
    for (const [i, j] of pairs) {
      const [from, to] = [before[i]!, now[j]!];
      const length = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column));
      if (length === 0 || from.type !== to.type) continue;
      increase(this.#moves, from.type);
      const lengths = this.#lengths.get(from.type) ?? new Map<number, number>();
      increase(lengths, length);
      this.#lengths.set(from.type, lengths);
    }
  }

  /** The type that moved most often; undefined where none has moved. */
  get type(): number | undefined {
    return commonest(this.#moves);
  }

  /** The commonest length of its moves, in the rows or columns of what is seen; undefined where none has moved. */
  get step(): number | undefined {
    return this.type === undefined ? undefined : commonest(this.#lengths.get(this.type)!);
  }
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Finds the key that was counted most often, of equals the one that was counted first. */
function commonest(counts: ReadonlyMap<number, number>): number | undefined {
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}
