import type { Mark, SeenObject } from 'banyan-ml';
import type { Reason } from '../decodings/ruling.ts';
import { Tracker } from './tracking.ts';

/** The middle of an object in a picture, and its size, in pixels. */
export type BoxOf = (object: SeenObject) => { readonly row: number; readonly column: number; readonly size: number };

/** So many of its last places are a track. */
const LONG = 12;
/** Neighbours are at most so many cells away. */
const NEAR = 1.5;

interface Tracked {
  readonly number: number;
  readonly track: readonly (readonly [row: number, column: number])[];
}

/** Marks in the pictures of an episode what is seen, what of it is the same as before, and what each has to say of the move that follows. */
export class Marker {
  readonly #types: readonly string[];
  readonly #boxOf: BoxOf;
  readonly #tracker = new Tracker({ near: NEAR });
  #before: readonly SeenObject[] = [];
  #tracked: readonly Tracked[] = [];
  #count = 0;

  constructor(types: readonly string[], boxOf: BoxOf) {
    this.#types = types;
    this.#boxOf = boxOf;
  }

  /** `move`: the number and the name of the action that follows. */
  mark(
    objects: readonly SeenObject[],
    reasons: readonly Reason[],
    move: { readonly action: number; readonly name: string },
  ): readonly Mark[] {
    this.#follow(objects);
    const [agent] = objects;
    return objects.map((object, i) => {
      const { row, column, size } = this.#boxOf(object);
      const { number, track } = this.#tracked[i]!;
      const reason = reasons.find(
        ({ type, down, right }) =>
          type === object.type && down === object.row - agent!.row && right === object.column - agent!.column,
      );
      const says = i === 0 ? undefined : (reason?.shares[move.action] ?? 0);
      return {
        ...{ row, column, size, type: object.type, name: `${this.#types[object.type] ?? object.type} ${number}` },
        ...(track.length > 1 ? { track } : {}),
        ...(i === 0 ? { label: move.name } : {}),
        ...(says === undefined ? {} : { says }),
      };
    });
  }

  #follow(objects: readonly SeenObject[]): void {
    const { pairs } = this.#tracker.follow(this.#before, objects);
    this.#tracked = objects.map((object, i): Tracked => {
      const pair = pairs.find(([, now]) => now === i);
      const { row, column } = this.#boxOf(object);
      const same = pair === undefined ? undefined : this.#tracked[pair[0]];
      if (same === undefined) return { number: ++this.#count, track: [[row, column]] };
      const [lastRow, lastColumn] = same.track.at(-1)!;
      const moved = lastRow !== row || lastColumn !== column;
      return moved ? { ...same, track: [...same.track, [row, column] as const].slice(-LONG) } : same;
    });
    this.#before = objects;
  }
}
