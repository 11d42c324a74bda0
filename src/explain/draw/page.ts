import { BanyanError } from '../../error.ts';
import { page, type Section } from '../../report/index.ts';
import type { Picture } from '../../task/display.ts';
import type { AttributedPart, Attribution } from '../attribution.ts';
import type { PicturePlaces } from './boxes.ts';
import { aboutAttribution, type ExplainedExample } from './explained.ts';
import { beside, enlarged, overlay } from './overlay.ts';
import { pngOf } from './png.ts';
import { barsSvg, pictureSvg, sentenceSvg } from './svg.ts';
import { wavOf } from './wav.ts';

/** What the colours of marks mean. */
export const COLOURS =
  'Red speaks for what is explained and blue against it; the stronger the colour, the more. The scale below says what the colours stand for: it ends at the strongest value, or where one in a hundred is stronger; each task has its own. Values are in the unit of what is explained.';

/** Makes one page of what was found of these examples: pictures, sentences and columns with their marks, sounds to be played. */
export const explanationPage = (title: string, examples: readonly ExplainedExample[]): string =>
  page(title, [
    {
      title: 'What a prediction rests on',
      text: COLOURS,
    },
    ...examples.map(exampleSection),
  ]);

/** So many numbers without names are drawn as bars. */
const FEW = 40;

/** An example, and what was found of it: that of several tasks side by side. */
export function exampleSection({ name, attributions }: ExplainedExample): Section {
  const grounds = (attributions[0]?.parts ?? []).flatMap(({ places }) => (places?.kind === 'picture' ? [places] : []));
  const sounds = grounds.flatMap(({ sound }) => (sound === undefined ? [] : [soundAddress(sound)]));
  const marked = attributions.flatMap((attribution) => attribution.parts.flatMap((part) => partSvg(part, attribution)));
  return {
    title: name,
    text: attributions.map(aboutAttribution).join(' '),
    pictures: [...grounds.map((ground) => pictureSvg(enlarged(ground.picture), groundCaption(ground))), ...marked],
    ...(sounds.length === 0 ? {} : { sounds }),
  };
}

/** A spectrogram says what its axes are. */
const groundCaption = ({ sound }: PicturePlaces): string =>
  sound === undefined
    ? 'as it is'
    : `as it is: ${(sound.samples.length / sound.sampleRate).toFixed(2)} s to the right, high above`;

const soundAddress = ({
  samples,
  sampleRate,
}: {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}): string => `data:audio/wav;base64,${Buffer.from(wavOf(samples, sampleRate)).toString('base64')}`;

function partSvg({ name, places, values }: AttributedPart, { task, method, outcome }: Attribution): readonly string[] {
  const caption = `${task}${name === undefined ? '' : `, ${name}`}: ${outcome.name}, ${method}`;
  switch (places?.kind) {
    case 'picture':
      return [pictureSvg(overlay(places, values), caption, values)];
    case 'words':
      return [sentenceSvg(places.words, values, caption)];
    case 'columns':
      return [barsSvg(places.columns, values, caption)];
    default:
      if (values.length > FEW) return [];
      return [
        barsSvg(
          Array.from(values, (_, i) => ({ name: 'number', value: String(i) })),
          values,
          caption,
        ),
      ];
  }
}

/**
 * Makes one PNG of what was found of an example: its picture, and beside it the picture with the marks of each task.
 * @throws BanyanError `argument` for an example without a picture.
 */
export function explanationPng({ name, attributions }: ExplainedExample): Uint8Array {
  const marked: Picture[] = [];
  let ground: Picture | undefined;
  for (const { places, values } of attributions.flatMap(({ parts }) => parts)) {
    if (places?.kind !== 'picture') continue;
    ground ??= enlarged(places.picture);
    marked.push(overlay(places, values));
  }
  if (ground !== undefined) return pngOf(beside([ground, ...marked]));
  throw new BanyanError(
    'argument',
    `${name} is no picture, expected one, or the spectrogram of a sound, for a PNG. Write a page (.html) or the numbers (.json).`,
  );
}
