// A small network that has learned where a bright square is, in pictures with noise.
import { classifier, patchStem } from 'banyan-ml/heads/vision';
import { lastValueFrom } from 'rxjs';
import { adamW, convTrunk, createNetwork, defineTask, type Example, type Network, train } from '../../src/index.ts';
import { RandomStream } from '../../src/random/index.ts';

export const SIDE = 12;
const SQUARE = 4;

/** A picture with noise and a bright square at one of four places; its class is whether that is above or below. */
export function pictureOf(i: number): Example<Float32Array, number> & { readonly square: readonly number[] } {
  const random = new RandomStream(i, 'explain/pictures');
  const input = Float32Array.from({ length: SIDE * SIDE }, () => 0.3 * random.normal());
  const [target, left] = [random.integer(2), random.integer(SIDE - SQUARE)];
  const top = target * (SIDE - SQUARE);
  const square = Array.from(
    { length: SQUARE * SQUARE },
    (_, at) => (top + Math.floor(at / SQUARE)) * SIDE + left + (at % SQUARE),
  );
  for (const place of square) input[place]! += 1.5;
  return { input, target, square };
}

const COUNTS = { training: 256, validation: 64, test: 0 };

export const squares = () =>
  defineTask({
    name: 'squares',
    stem: patchStem({ height: SIDE, width: SIDE, channels: 1, patch: 3 }),
    head: classifier({ classes: ['above', 'below'] }),
    source: {
      counts: COUNTS,
      read: (split, indices) => indices.map((i) => pictureOf(split === 'training' ? i : COUNTS.training + i)),
    },
  });

export async function trained(): Promise<Network> {
  const network: Network = await createNetwork({
    trunk: convTrunk({ width: 16, depth: 2 }),
    tasks: [squares()],
    seed: 1,
  });
  await lastValueFrom(train(network, { steps: 80, batch: 32, seed: 1, optimizer: adamW({ learningRate: 0.005 }) }));
  return network;
}
