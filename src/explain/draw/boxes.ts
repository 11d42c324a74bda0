import type { Places } from '../../task/display.ts';

export type PicturePlaces = Extract<Places, { kind: 'picture' }>;

/** The part of a picture that a place covers, in its pixels from the upper left. */
export interface Box {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}

/** Finds the box of each place; a place that no pixel shows, such as the token of a class, has none. */
export function boxesOf({ picture, placeOf }: PicturePlaces): ReadonlyMap<number, Box> {
  const boxes = new Map<number, Box>();
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const place = placeOf(y, x);
      const { row, column, height, width } = boxes.get(place) ?? { row: y, column: x, height: 1, width: 1 };
      const left = Math.min(column, x);
      boxes.set(place, {
        row,
        column: left,
        height: Math.max(height, y - row + 1),
        width: Math.max(column + width, x + 1) - left,
      });
    }
  }
  return boxes;
}

/** The box of each place in their order, null for none. */
export function boxList(places: PicturePlaces, count: number): readonly (Box | null)[] {
  const boxes = boxesOf(places);
  return Array.from({ length: count }, (_, place) => boxes.get(place) ?? null);
}

/** Says where a box is: rows and columns of a picture, seconds and bands of a sound's spectrogram. */
export function boxText({ picture, sound }: PicturePlaces, box: Box | undefined): string {
  if (box === undefined) return 'no part of the picture';
  const { row, column, height, width } = box;
  if (sound === undefined) return `${range('row', row, height)}, ${range('column', column, width)}`;
  const seconds = (at: number) => ((at * sound.samples.length) / sound.sampleRate / picture.width).toFixed(3);
  const time = `${seconds(column)} to ${seconds(column + width)} s`;
  // The lowest band is at the bottom.
  const lowest = picture.height - row - height;
  return height === picture.height ? time : `${time}, ${range('band', lowest, height)} of ${picture.height}`;
}

const range = (name: string, first: number, length: number): string =>
  length === 1 ? `${name} ${first}` : `${name}s ${first} to ${first + length - 1}`;
