import { defineTask } from 'banyan-ml';
import { generatedSource, type RandomStream } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';

const size = 28;

/**
 * Whether the point (x, y) belongs to a shape of half-width 1 around the origin; y points down. Discs and rings are
 * somewhat smaller than squares, so that no class is told by its area alone.
 */
const inside = {
  disc: (x: number, y: number) => x * x + y * y < 1,
  square: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  triangle: (x: number, y: number) => y < 0.85 && y > 2 * Math.abs(x) - 1,
  cross: (x: number, y: number) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  ring: (x: number, y: number) => x * x + y * y < 1 && x * x + y * y > 0.3,
} as const;
const classes = Object.keys(inside) as (keyof typeof inside)[];

/** Pixels in [0, 1], `[28, 28, 1]`. */
function draw(kind: keyof typeof inside, random: RandomStream): Float32Array {
  const radius = 5 + 5 * random.uniform();
  const [centerX, centerY] = [0, 0].map(() => radius + (size - 2 * radius) * random.uniform()) as [number, number];
  const background = 0.4 * random.uniform();
  const contrast = 0.4 + 0.2 * random.uniform();
  // Dark on bright as often as bright on dark: no single pixel speaks for a class.
  const [low, high] =
    random.integer(2) === 0 ? [background, background + contrast] : [background + contrast, background];
  const pixels = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [(column + 0.5 - centerX) / radius, (row + 0.5 - centerY) / radius];
      const value = (inside[kind](x, y) ? high : low) + 0.05 * random.normal();
      pixels[row * size + column] = Math.min(1, Math.max(0, value));
    }
  }
  return pixels;
}

export const shapesSource = generatedSource({
  name: 'shapes',
  description: 'Generated pictures of a shape at a random place, size and contrast, with noise, 28 x 28, 5 classes',
  counts: { training: 4000, validation: 500, test: 1000 },
  make: (random) => {
    const target = random.integer(classes.length);
    return { input: draw(classes[target]!, random), target };
  },
});

/** Which shape a generated picture shows. */
export const shapes = defineTask({
  name: 'shapes',
  stem: vision.convStem({ height: size, width: size, channels: 1, filters: [16, 32], mean: 0.45, deviation: 0.28 }),
  head: vision.classifier({ classes }),
  source: shapesSource,
});
