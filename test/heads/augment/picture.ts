// Draws docs/augmentation.svg: what every augmentation makes of clothing (Fashion-MNIST, MIT licence), of generated shapes in colours, and of
// generated notes. BANYAN_DATA=… npx tsx --conditions=source test/heads/augment/picture.ts docs/augmentation.svg
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { startRuntime } from 'banyan-ml';
import { NO_NETWORK } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import * as vision from 'banyan-ml/heads/vision';
import { clothing, notes, shapes } from 'banyan-ml/tasks';
import sharp from 'sharp';
import { spectrogramPicture } from '../../../heads/audio/picture.ts';
import { RandomStream } from '../../../src/random/index.ts';
import { listening, randomAt } from './draws.ts';

const SIDE = 28;
const PICTURES = 6;
const NOTES = 3;
/** The mean and the deviation by which the stem of the notes standardises. */
const [MEAN, DEVIATION] = [-1.2, 3.37];
const FLOOR = 1e-4;
const PLAIN = 'as they are';
/** Where pictures begin in the drawing, and how large a pixel is. */
const [LEFT, SCALE] = [130, 2];

interface Row {
  readonly label: string;
  /** PNG of the pictures beside each other. */
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Numbers from 0 to 1, `[height, width, channels]`, as a PNG. */
async function rowOf(label: string, images: tf.Tensor4D): Promise<Row> {
  const [count, height, width, channels] = images.shape;
  const beside = images
    .pad(
      [
        [0, 0],
        [0, 0],
        [1, 1],
        [0, 0],
      ],
      1,
    )
    .transpose([1, 0, 2, 3]); // [height, count, width + 2, channels]
  const bytes = Uint8Array.from(beside.mul(255).round().dataSync());
  const raw = { width: count * (width + 2), height, channels: channels as 1 | 3 };
  const png = await sharp(bytes, { raw })
    .png({ palette: true, colours: channels === 1 ? 16 : 48, effort: 10 })
    .toBuffer();
  return { label, png, width: raw.width, height };
}

async function soundRow(label: string, values: tf.Tensor3D): Promise<Row> {
  const [count, frames, mels] = values.shape;
  const pictures = values.unstack().map((one) => {
    const part = spectrogramPicture(one.dataSync() as Float32Array, mels, Math.log(FLOOR));
    return tf.tensor3d(Uint8Array.from((part as { rgb: Uint8Array }).rgb), [mels, frames, 3]).div(255);
  });
  const row = await rowOf(label, tf.stack(pictures) as tf.Tensor4D);
  return { ...row, width: count * (frames + 2) };
}

await startRuntime();
const { call } = listening();
const read = async (source: typeof clothing.source, indices: readonly number[]) => {
  await source.open?.();
  return (await source.read('test', indices, NO_NETWORK)).map(({ input }) => input as ArrayLike<number>);
};

const rows: Row[] = [];
const garments = tf.tensor4d(
  (await read(clothing.source, [0, 1, 2, 8, 18, 19])).flatMap((bytes) => Array.from(bytes, (byte) => byte / 255)),
  [PICTURES, SIDE, SIDE, 1],
);
const grey: readonly (readonly [string, vision.ImageAugmentation])[] = [
  ['horizontal-flip', vision.horizontalFlip()],
  ['crop, padding 4', vision.crop({ padding: 4 })],
  ['shift, share 0.2', vision.shift({ share: 0.2 })],
  ['rotation, 25°', vision.rotation({ degrees: 25 })],
  ['colour, brightness', vision.colour({ brightness: 0.6, contrast: 0.6 })],
  ['erasing', vision.erasing({ rate: 1 })],
  ['mixup, α 1', vision.mixup({ alpha: 1 })],
  ['cutmix', vision.cutmix()],
];
rows.push(await rowOf(PLAIN, garments));
for (const [label, augment] of grey) rows.push(await rowOf(label, augment(garments, randomAt(1), call)));

const random = new RandomStream(4, 'colours');
const drawn = await read(shapes.source as never, [0, 1, 2, 3, 4, 5]);
const coloured = tf.tensor4d(
  drawn.flatMap((pixels) => {
    const [dark, light] = [0, 1].map(() => [random.uniform(), random.uniform(), random.uniform()]) as [
      number[],
      number[],
    ];
    return Array.from(pixels).flatMap((value) => dark.map((from, c) => from + value * (light[c]! - from)));
  }),
  [PICTURES, SIDE, SIDE, 3],
);
rows.push(await rowOf(PLAIN, coloured));
const inColours: readonly (readonly [string, vision.ImageAugmentation])[] = [
  ['colour, all four', vision.colour({ brightness: 0.4, contrast: 0.4, saturation: 0.7, hue: 0.3 })],
  ['rand-augment, 15', vision.randAugment({ magnitude: 15 })],
];
for (const [label, augment] of inColours) rows.push(await rowOf(label, augment(coloured, randomAt(2), call)));

const played = await read(notes.source as never, [0, 1, 2]);
const sounds = tf.tensor2d(
  played.flatMap((samples) => {
    const peak = Math.max(...Array.from(samples, Math.abs));
    return Array.from(samples, (sample) => sample / peak);
  }),
  [NOTES, played[0]!.length],
);
const spectrogram = audio.logMel({
  sampleRate: 8000,
  window: 200,
  hop: 100,
  fft: 256,
  mels: 40,
  fMin: 60,
  fMax: 4000,
  floor: FLOOR,
});
rows.push(await soundRow(PLAIN, spectrogram(sounds)));
const ofSamples: readonly (readonly [string, audio.WaveformAugmentation])[] = [
  ['noise, 0 to 20 dB', audio.noise({ least: 0, most: 20 })],
  ['speed, share 0.4', audio.speed({ share: 0.4 })],
  ['mixup, α 1', audio.mixup({ alpha: 1 })],
];
for (const [label, augment] of ofSamples)
  rows.push(await soundRow(label, spectrogram(augment(sounds, randomAt(3), call))));
const ofFrames: readonly (readonly [string, audio.SpectrogramAugmentation])[] = [
  ['time-shift, 30', audio.timeShift({ frames: 30 })],
  ['mask-time, 20', audio.maskTime({ frames: 20 })],
  ['mask-mels, 12', audio.maskMels({ mels: 12 })],
];
for (const [label, augment] of ofFrames) {
  const standard = spectrogram(sounds).sub(MEAN).div(DEVIATION) as tf.Tensor3D;
  const silence = (Math.log(FLOOR) - MEAN) / DEVIATION;
  const changed = augment(standard, randomAt(4), { ...call, silence })
    .mul(DEVIATION)
    .add(MEAN) as tf.Tensor3D;
  rows.push(await soundRow(label, changed));
}

const width = LEFT + SCALE * Math.max(...rows.map((row) => row.width));
let top = 0;
const parts = rows.map((row, i) => {
  // Pictures as they are begin a new group.
  const y = top + (i > 0 && row.label === PLAIN ? 16 : 0);
  top = y + SCALE * row.height + 6;
  const href = `data:image/png;base64,${row.png.toString('base64')}`;
  return `<text x="0" y="${Math.round(y + SCALE * row.height * 0.55)}">${row.label}</text>
<image x="${LEFT}" y="${y}" width="${SCALE * row.width}" height="${SCALE * row.height}" href="${href}"/>`;
});
writeFileSync(
  process.argv[2]!,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}">
<title>What each augmentation makes of pictures and sounds</title>
<style>text{font:13px system-ui,sans-serif;fill:#808080}image{image-rendering:pixelated}</style>
${parts.join('\n')}
</svg>
`,
);
