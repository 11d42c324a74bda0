import { BanyanError } from 'banyan-ml';
import { readMask } from 'banyan-ml/data';
import {
  byName,
  type CellPlace,
  cellFault,
  cellPath,
  either,
  type Kind,
  optionsOf,
  rate,
  type TargetField,
  text,
  wholeNumber,
} from 'banyan-ml/plugin';
import { segmenter } from '../heads/segmenter.ts';
import { filtersFor, fitsPictures, PICTURE_SIZE, type PictureSize } from './picture-size.ts';

interface MaskOptions extends PictureSize {
  readonly classes?: Readonly<Record<string, string | number>>;
  readonly labelSmoothing: number;
}

/** The colours of all masks, where they were not said. */
type MaskFacts = readonly number[];

/** A pixel of which nothing is known. */
const UNKNOWN = -1;
/** More colours than this are no classes. */
const MOST = 255;
/** All grey ones are multiples of it. */
const GREY = 0x010101;

const COLOUR = 'a section with a colour for each class, such as "#ff8800", or a number of grey from 0 to 255';

/** The class of each pixel. */
export const maskTarget: Kind<TargetField, MaskOptions> = {
  kind: 'mask',
  about:
    'The path of a mask, a picture whose colours stand for classes: the class of each pixel of the one picture that is read.',
  options: optionsOf('mask', {
    classes: byName(either(text.regex(/^#[0-9a-f]{6}$/i, COLOUR), wholeNumber(0, 255), COLOUR), COLOUR)
      .optional()
      .describe(
        'the colour of each class, such as "#ff8800", or a number of grey; pixels of another colour are not learned; else each colour of a mask is a class',
      ),
    labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all classes'),
    ...PICTURE_SIZE,
  }),
  build: ({ classes, labelSmoothing, size, height = size, width = size, fit }): TargetField => {
    const coloursOf = (facts: MaskFacts): MaskFacts =>
      classes === undefined ? facts : Object.values(classes).map(colourOf);
    const namesOf = (facts: MaskFacts) => (classes === undefined ? facts.map(colourName) : Object.keys(classes));
    return {
      reads: { input: 'picture', options: ['size', 'height', 'width', 'fit'] },
      fits: fitsPictures,
      learn: () => {
        const colours = new Set<number>();
        return {
          see: async ([cell = null], place) => {
            if (cell === null) return;
            const path = cellPath(cell, place, 'picture');
            if (classes !== undefined) return;
            for (const colour of await readMask(path)) if (colour !== UNKNOWN) colours.add(colour);
            assertFew(colours.size, place);
          },
          facts: () => [...colours].sort((a, b) => a - b),
        };
      },
      read: async (cell, facts, place) => {
        const known = coloursOf(facts as MaskFacts);
        const places = new Map(known.map((colour, i) => [colour, i]));
        const colours = await readMask(cellPath(cell, place, 'picture'), { size: { height, width }, fit });
        return colours.map((colour) => {
          const number = places.get(colour);
          if (number !== undefined) return number;
          if (colour === UNKNOWN || classes !== undefined) return UNKNOWN;
          throw cellFault(
            place,
            `a mask of the colours ${known.map(colourName).join(', ')}`,
            colourName(colour),
            'Correct the mask, or name the colours by `classes`.',
          );
        });
      },
      head: (facts) => {
        const names = namesOf(facts as MaskFacts);
        if (names.length < 2) {
          throw new BanyanError(
            'data',
            `A target of kind mask has ${names.length === 0 ? 'no class' : `the one class "${names[0]}"`}, expected two or more. Take another column.`,
          );
        }
        return segmenter({ classes: names, height, width, filters: filtersFor(height, width), labelSmoothing });
      },
    };
  },
};

const colourOf = (said: string | number): number =>
  typeof said === 'number' ? said * GREY : Number.parseInt(said.slice(1), 16);

/** Grey by its number, other colours as `#ff8800`. */
const colourName = (colour: number): string =>
  colour % GREY === 0 ? String(colour / GREY) : `#${colour.toString(16).padStart(6, '0')}`;

function assertFew(colours: number, { row, columns }: CellPlace): void {
  if (colours <= MOST) return;
  throw new BanyanError(
    'data',
    `${row}, column "${columns[0]}": expected at most ${MOST} different colours in all masks, each a class, received more. Save masks as PNG with hard edges, or name the colours by \`classes\`.`,
  );
}
