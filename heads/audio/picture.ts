import type { DisplayPart, Picture, Places } from 'banyan-ml';

// Viridis (van der Walt and Smith 2015, matplotlib's default): equal steps look equal, and stay so without colour.
const VIRIDIS = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/** Draws log-mel values `[frames, mels]`: time to the right, low frequencies below, `floor` and what is less the darkest. */
export function spectrogramPicture(
  values: Float32Array,
  mels: number,
  floor: number,
): Picture & Extract<DisplayPart, { kind: 'picture' }> {
  const frames = values.length / mels;
  const loudest = values.reduce((a, b) => Math.max(a, b), floor);
  const scale = (VIRIDIS.length - 1) / (loudest > floor ? loudest - floor : 1);
  const rgb = new Uint8Array(3 * values.length);
  for (let frame = 0; frame < frames; frame++) {
    for (let mel = 0; mel < mels; mel++) {
      const at = Math.max(0, scale * (values[frame * mels + mel]! - floor));
      const below = Math.min(Math.floor(at), VIRIDIS.length - 2);
      for (let c = 0; c < 3; c++) {
        const [from, to] = [VIRIDIS[below]![c]!, VIRIDIS[below + 1]![c]!];
        rgb[3 * ((mels - 1 - mel) * frames + frame) + c] = Math.round(from + (at - below) * (to - from));
      }
    }
  }
  return { kind: 'picture', width: frames, height: mels, rgb };
}

/**
 * Says what a person sees of a spectrogram `[frames, mels]`, or of tokens, each `framesPerToken` of its frames. `picture`: as `spectrogramPicture`
 * draws it.
 */
export const spectrogramPlaces = (
  picture: Picture,
  at: 'input' | 'tokens',
  framesPerToken: number,
  sound?: { readonly sampleRate: number; readonly samples: Float32Array },
): Places => ({
  kind: 'picture',
  picture,
  ...(sound === undefined ? {} : { sound }),
  placeOf: (row, frame) =>
    at === 'input' ? frame * picture.height + picture.height - 1 - row : Math.floor(frame / framesPerToken),
});
