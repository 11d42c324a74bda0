import { defineTask } from 'banyan-ml';
import { fnv1a, type Source, type Split, storedSource } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { classes } from './clothing.ts';
import { openPictures } from './idx-pictures.ts';

/** The side of one picture in pixels. */
const INNER = 28;
/** The second one is moved down and to the right by so many pixels. */
const SHIFT = 8;
const SIZE = INNER + SHIFT;

/** Which of ten kinds of clothing two pictures show. */
type Kinds = Readonly<Record<'left' | 'right', number>>;

/**
 * Two pictures of Fashion-MNIST in one, as in MultiMNIST (Sabour, Frosst and Hinton 2017, section 6; on clothing Lin et al.
 * 2019, "Pareto Multi-Task Learning", section 5.2): one above on the left, the other 8 pixels below and to the right of it, the
 * brighter of two pixels where both lie. Each picture is once the left one of its split, with a fixed other one of that split.
 */
const source: Source<Uint8Array, Kinds> = storedSource({
  folder: 'vision/fashion-mnist',
  facts: {
    licence: 'MIT',
    description: 'two overlaid pictures of Fashion-MNIST, 36 x 36, 10 classes each (after Lin et al. 2019)',
  },
  open: (path) => {
    const { counts, example } = openPictures(path, { height: INNER, width: INNER, classes: classes.length });
    return {
      counts,
      example: (split, index) => {
        const left = example(split, index);
        const right = example(split, otherOf(split, index, counts[split]));
        return { input: overlaid(left.input, right.input), target: { left: left.target!, right: right.target! } };
      },
    };
  },
});

/** Never the picture itself. */
const otherOf = (split: Split, index: number, count: number): number =>
  (index + 1 + (fnv1a(`${split} ${index}`) % (count - 1))) % count;

/** Both `[28, 28]`, to `[36, 36]`. */
function overlaid(left: Uint8Array, right: Uint8Array): Uint8Array {
  const canvas = new Uint8Array(SIZE * SIZE);
  for (let row = 0; row < INNER; row++) {
    canvas.set(left.subarray(row * INNER, (row + 1) * INNER), row * SIZE);
  }
  for (let row = 0; row < INNER; row++) {
    for (let column = 0; column < INNER; column++) {
      const at = (row + SHIFT) * SIZE + column + SHIFT;
      canvas[at] = Math.max(canvas[at]!, right[row * INNER + column]!);
    }
  }
  return canvas;
}

const stem = vision.convStem({
  height: SIZE,
  width: SIZE,
  channels: 1,
  filters: [16, 32],
  // Of the 54,000 training pictures.
  mean: 0.304,
  deviation: 0.364,
});
// Each task has a head of its own: only what stands on its side concerns it.
const head = () => vision.classifier({ classes });

/** The kind of clothing above on the left in a picture of two. */
export const multiClothingLeft = defineTask({
  name: 'multi-clothing-left',
  stem,
  head: head(),
  source,
  target: 'left',
});

/** The kind of clothing below on the right. */
export const multiClothingRight = defineTask({
  name: 'multi-clothing-right',
  stem,
  head: head(),
  source,
  target: 'right',
});
