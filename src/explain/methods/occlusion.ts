import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { countPlaces, type Method, type Point, type SubjectPart } from '../method.ts';

export interface OcclusionOptions {
  /** A window covers so many places in each direction. Default: an eighth of a picture's longer side, one place of a row. */
  readonly window?: number;
  /** Windows begin so many places after each other. Default: half of a window, at least one. */
  readonly stride?: number;
}

const schema = optionsOf('occlusion', {
  window: count.optional().describe('places that are covered in each direction'),
  stride: count.optional().describe('places from one window to the next'),
});

/** A picture's window is this part of its longer side. */
const PART = 1 / 8;

/**
 * Makes occlusion (Zeiler and Fergus 2014, section 4.2): how much the outcome falls when a window of places is covered by the baseline; in the
 * mean over the windows in which a place lies, and over the baselines. It asks the network itself and no gradient, a window at a time.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function occlusion(options: OcclusionOptions = {}): Method {
  const { window, stride } = checkOptions('occlusion', schema, options);
  return {
    kind: 'occlusion',
    complete: false,
    attribute: async (subject) => {
      const { parts, input, baselines } = subject;
      const values: Float64Array[] = [];
      const [whole] = await subject.outputs(1, () => input);
      for (const [p, part] of parts.entries()) {
        const side = window ?? defaultWindow(part);
        const windows = windowsOf(part, side, stride ?? Math.max(1, side >> 1));
        const covered = await subject.outputs(windows.length * baselines.length, (i) =>
          cover(input, baselines[i % baselines.length]!, p, part, windows[Math.floor(i / baselines.length)]!),
        );
        values.push(meanFall(part, windows, whole!, covered, baselines.length));
      }
      return values;
    },
  };
}

const defaultWindow = ({ shape, axes }: SubjectPart): number =>
  axes === 1 ? 1 : Math.max(1, Math.ceil(PART * Math.max(...shape.slice(0, axes))));

/** The numbers of the places in each window; a window that reaches over an edge ends there, and the last one of each row reaches it. */
function windowsOf({ shape, axes }: SubjectPart, side: number, stride: number): readonly (readonly number[])[] {
  let windows: number[][] = [[0]];
  for (const size of shape.slice(0, axes)) {
    const shifts = Math.max(0, Math.ceil((size - side) / stride)) + 1;
    windows = windows.flatMap((before) =>
      Array.from({ length: shifts }, (_, shift) => {
        const [first, end] = [shift * stride, Math.min(size, shift * stride + side)];
        return before.flatMap((place) => Array.from({ length: end - first }, (__, i) => place * size + first + i));
      }),
    );
  }
  return windows;
}

/** The input with the places of a part replaced by those of the baseline. */
export function cover(input: Point, baseline: Point, p: number, part: SubjectPart, places: readonly number[]): Point {
  const numbers = input[p]!.slice();
  const size = numbers.length / countPlaces(part);
  for (const place of places) {
    numbers.set(baseline[p]!.subarray(place * size, (place + 1) * size), place * size);
  }
  return input.map((other, i) => (i === p ? numbers : other));
}

function meanFall(
  part: SubjectPart,
  windows: readonly (readonly number[])[],
  whole: number,
  covered: Float64Array,
  baselines: number,
): Float64Array {
  const [falls, counts] = [new Float64Array(countPlaces(part)), new Float64Array(countPlaces(part))];
  for (const [w, places] of windows.entries()) {
    for (let b = 0; b < baselines; b++) {
      for (const place of places) {
        falls[place]! += whole - covered[w * baselines + b]!;
        counts[place]! += 1;
      }
    }
  }
  return falls.map((fall, place) => fall / Math.max(1, counts[place]!));
}

/** `occlusion`, as files name it. */
export const occlusionKind: Kind<Method, OcclusionOptions> = {
  kind: 'occlusion',
  about: 'How much the outcome falls when a window of the input is covered by the baseline.',
  options: schema,
  build: occlusion,
};
