import type { SeenObject } from 'banyan-ml';
import { AgentFinder } from './agent.ts';
import { ObjectTypes } from './object-types.ts';
import { type Code, type SalientPixel, salientPixels } from './salience.ts';
import { Tracker } from './tracking.ts';

/** A frame of a game: its code, and whether it begins an episode. */
export interface Frame {
  readonly code: Code;
  readonly begins: boolean;
}

/** A place in a code, in its pixels. */
export interface CodePlace {
  readonly row: number;
  readonly column: number;
}

/** An object as it is seen: its place is in steps of the one that acts, and `at` where it is in the code. */
export interface SightedObject extends SeenObject {
  readonly at: CodePlace;
}

/** A pixel of a code counts if it is at least so strong, as a share of what is usual: others are what drawing has left over. */
const LEAST_STRENGTH = 0.25;
/** Two spectra are of one type if their squared distance is below this share of their mean squared length. */
const ALIKE = 0.1;
/** A type is one if it is at least such a share of all that is seen. */
const LEAST_SHARE = 0.005;
/** What is no further away, in pixels of the code, is a neighbour while nothing is known of the length of a step. */
const NEAR = 4.5;
/** What stays in its place and only looks otherwise is the same; with all weights as they are that has 0.5. */
export const LIKELY = 0.4;
/** A type that turns into another in its place at least so often, and in such a share of its sightings, is the same by another name. */
const [FLIPS, FLIP_SHARE] = [3, 0.01];

interface Spotted extends SeenObject {
  readonly strength: number;
}

/**
 * What eyes know of a game: which spectra are of one kind, which kind acts, how long its steps are, and how what it touches lies to it. All
 * of it is found in frames of a game that is played at random (Garnelo, Arulkumaran and Shanahan 2016, sections 3.1 and 3.2), without labels:
 * the one that acts is what moves, a step is its commonest move, and two types are one kind where objects that stay in their place go
 * from one to the other. Kind 0 acts; the others are in the order of how often they are seen.
 */
export class Sight {
  readonly #types: ObjectTypes;
  readonly #least: number;
  /** The kind of each type. */
  readonly #kinds: readonly number[];
  /** How an object of each kind lies in the code, to the one that acts, when both are in one place. */
  readonly #shifts: readonly CodePlace[];
  /** Pixels of the code that a step is long. */
  readonly step: number;
  /** The share of the frames, of those that it has learned from, in which the one that acts is not seen, or something else moves. */
  readonly unsure: number;

  private constructor(
    types: ObjectTypes,
    least: number,
    known: {
      readonly kinds: readonly number[];
      readonly shifts: readonly CodePlace[];
      readonly step: number;
      readonly unsure: number;
    },
  ) {
    this.#types = types;
    this.#least = least;
    this.#kinds = known.kinds;
    this.#shifts = known.shifts;
    this.step = known.step;
    this.unsure = known.unsure;
  }

  /** So many kinds were found, with the one that acts. */
  get kinds(): number {
    return this.#shifts.length;
  }

  /** Learns from frames what there is to know; undefined where nothing in them moves. */
  static of(frames: readonly Frame[]): Sight | undefined {
    const all = frames.map(({ code }) => salientPixels(code));
    const least = LEAST_STRENGTH * median(all.flat().map(strengthOf));
    const seen = all.map((pixels) => pixels.filter((pixel) => strengthOf(pixel) >= least));
    const types = typesOf(seen.flat());
    if (types === undefined) return undefined;
    const spotted = seen.map((pixels) => pixels.map((pixel) => spot(types, pixel)));
    const moments = momentsOf(frames, spotted);
    const finder = new AgentFinder();
    for (const { before, now, pairs } of moments) finder.watch(before, now, { pairs });
    const { type: agent, step } = finder;
    if (agent === undefined || step === undefined) return undefined;
    const kinds = kindsOf(spotted.flat(), moments, types.types.length, agent);
    const unsure = moments.filter((moment) => isUnsure(moment, kinds)).length / moments.length;
    return new Sight(types, least, { kinds, shifts: shiftsOf(moments, kinds, step), step, unsure });
  }

  /**
   * Lists the objects of a code, first the one that acts, which is taken to be in the middle where it is not seen. A kind beyond the
   * first `most` counts as the last of them.
   */
  see(code: Code, most: number): SightedObject[] {
    const spotted = salientPixels(code)
      .filter((pixel) => strengthOf(pixel) >= this.#least)
      .map((pixel) => spot(this.#types, pixel))
      .map((object) => ({ ...object, kind: this.#kinds[object.type]! }));
    const own = spotted.filter(({ kind }) => kind === 0).sort((a, b) => b.strength - a.strength);
    const here: CodePlace = own[0] ?? { row: code.height >> 1, column: code.width >> 1 };
    const cell = { row: Math.round(here.row / this.step), column: Math.round(here.column / this.step) };
    const others = new Map<string, SightedObject & { readonly strength: number }>();
    for (const { kind, row, column, strength } of spotted) {
      if (kind === 0) continue;
      const shift = this.#shifts[kind]!;
      const place = {
        row: cell.row + Math.round((row - here.row - shift.row) / this.step),
        column: cell.column + Math.round((column - here.column - shift.column) / this.step),
      };
      // Of what is seen in one place, the strongest is there.
      const key = `${place.row} ${place.column}`;
      if ((others.get(key)?.strength ?? 0) >= strength) continue;
      others.set(key, { type: Math.min(kind, most - 1), ...place, at: { row, column }, strength });
    }
    return [
      { type: 0, ...cell, at: { row: here.row, column: here.column } },
      ...[...others.values()].map(({ type, row, column, at }) => ({ type, row, column, at })),
    ];
  }
}

const strengthOf = ({ spectrum }: SalientPixel): number => Math.max(...spectrum);

const spot = (types: ObjectTypes, pixel: SalientPixel): Spotted => ({
  type: types.nearest(pixel.spectrum)!,
  row: pixel.row,
  column: pixel.column,
  strength: strengthOf(pixel),
});

/** Tells the types apart, and forgets those that are hardly ever seen. */
function typesOf(pixels: readonly SalientPixel[]): ObjectTypes | undefined {
  if (pixels.length === 0) return undefined;
  const squares = pixels.map(({ spectrum }) => spectrum.reduce((sum, value) => sum + value * value, 0));
  const limit = (ALIKE * squares.reduce((a, b) => a + b, 0)) / squares.length;
  const all = new ObjectTypes(limit);
  for (const { spectrum } of pixels) all.learn(spectrum);
  const kept = new ObjectTypes(0);
  for (const { mean, count } of all.types) if (count >= LEAST_SHARE * pixels.length) kept.learn(mean);
  return kept;
}

/** Two frames that follow each other, and what became of what. */
interface Moment {
  readonly before: readonly Spotted[];
  readonly now: readonly Spotted[];
  readonly pairs: readonly (readonly [number, number])[];
  readonly vanished: readonly number[];
}

function momentsOf(frames: readonly Frame[], spotted: readonly (readonly Spotted[])[]): readonly Moment[] {
  const tracker = new Tracker({ near: NEAR, least: LIKELY });
  return spotted.slice(1).flatMap((now, i) => {
    if (frames[i + 1]!.begins) return [];
    const before = spotted[i]!;
    return [{ before, now, ...tracker.follow(before, now) }];
  });
}

/** Gives the kind of each type: 0 for what acts, then by how often they are seen. */
function kindsOf(spotted: readonly Spotted[], moments: readonly Moment[], count: number, agent: number): number[] {
  const sightings = new Array<number>(count).fill(0);
  for (const { type } of spotted) sightings[type]!++;
  const flips = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const { before, now, pairs } of moments) {
    for (const [i, j] of pairs) {
      const [from, to] = [before[i]!, now[j]!];
      if (from.type === to.type) continue;
      const stayed = Math.max(Math.abs(from.row - to.row), Math.abs(from.column - to.column)) <= 1;
      // What the one that acts steps onto would seem to turn into it.
      const acts = [from.type, to.type].includes(agent);
      if (stayed !== acts) flips[from.type]![to.type]!++;
    }
  }
  const root = [...sightings.keys()];
  const rootOf = (type: number): number => (root[type] === type ? type : rootOf(root[type]!));
  for (const [a, row] of flips.entries())
    for (const [b, there] of row.entries()) {
      const both = there + flips[b]![a]!;
      if (both < FLIPS || both < FLIP_SHARE * Math.min(sightings[a]!, sightings[b]!)) continue;
      root[rootOf(a)] = rootOf(b);
    }
  const totals = new Map<number, number>();
  for (const [type, there] of sightings.entries()) totals.set(rootOf(type), (totals.get(rootOf(type)) ?? 0) + there);
  const own = rootOf(agent);
  const order = [
    own,
    ...[...totals]
      .filter(([type]) => type !== own)
      .sort(([, a], [, b]) => b - a)
      .map(([type]) => type),
  ];
  return root.map((_, type) => order.indexOf(rootOf(type)));
}

/** Says whether the one that acts is not seen, or something else moves: without labels, what tells bad eyes. */
const isUnsure = ({ before, now, pairs }: Moment, kinds: readonly number[]): boolean =>
  !now.some(({ type }) => kinds[type] === 0) ||
  pairs.some(([i, j]) => {
    const [from, to] = [before[i]!, now[j]!];
    const still = Math.max(Math.abs(from.row - to.row), Math.abs(from.column - to.column)) <= 1;
    return !still && kinds[from.type] !== 0 && kinds[to.type] !== 0;
  });

/** Finds how what was touched lay to the one that acts, by kind: what vanished nearest to where that one has gone. */
function shiftsOf(moments: readonly Moment[], kinds: readonly number[], step: number): CodePlace[] {
  const touches = Array.from({ length: Math.max(...kinds) + 1 }, () => [] as CodePlace[]);
  for (const { before, now, pairs, vanished } of moments) {
    const moved = pairs.find(([i]) => kinds[before[i]!.type] === 0);
    if (moved === undefined) continue;
    const agent = now[moved[1]]!;
    const offsets = vanished
      .map((i) => before[i]!)
      .map(({ type, row, column }) => ({ kind: kinds[type]!, row: row - agent.row, column: column - agent.column }))
      .filter(({ kind, row, column }) => kind !== 0 && Math.max(Math.abs(row), Math.abs(column)) < step)
      .sort((a, b) => Math.hypot(a.row, a.column) - Math.hypot(b.row, b.column));
    if (offsets[0] !== undefined) touches[offsets[0].kind]!.push(offsets[0]);
  }
  return touches.map((own) => ({
    row: own.length === 0 ? 0 : median(own.map(({ row }) => row)),
    column: own.length === 0 ? 0 : median(own.map(({ column }) => column)),
  }));
}

/** The middle one; 0 where there is none. */
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
