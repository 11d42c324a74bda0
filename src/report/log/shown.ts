import type { Shown } from '../../evaluate/index.ts';
import type { SummaryWriter } from '../../runtime/index.ts';
import { textSummary } from './summary.ts';

/**
 * Writes an example and what the network makes of it. Of a film there is the picture in its middle, of a curve nothing: TensorBoard
 * shows neither.
 */
export function writeShown(writer: SummaryWriter, step: number, tag: string, example: Shown): void {
  const words: string[] = [];
  let [pictures, sounds] = [0, 0];
  // The first of a kind needs no number.
  const numbered = (number: number) => (number === 0 ? tag : `${tag}/${number}`);
  for (const part of example.display) {
    switch (part.kind) {
      case 'picture':
        writer.image(step, numbered(pictures++), part);
        break;
      case 'film':
        writer.image(step, numbered(pictures++), { ...part, rgb: part.frames[part.frames.length >> 1]! });
        break;
      case 'sound':
        writer.audio(step, numbered(sounds++), part.samples, part.sampleRate);
        break;
      case 'words':
        words.push(part.text);
    }
  }
  const told = [...words, ...explained(example)];
  if (told.length > 0) writer.summary(step, textSummary(`${tag}/text`, told.join('\n\n')));
}

function explained({ predicted, confidence, expected, words }: Shown): readonly string[] {
  const sure = confidence === undefined ? '' : ` (${confidence.toFixed(2)})`;
  return [
    ...(predicted === undefined ? [] : [`predicted: ${predicted}${sure}`]),
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(words === undefined ? [] : [words]),
  ];
}
